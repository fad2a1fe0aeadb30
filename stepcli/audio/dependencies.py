"""The libraries and programs that audio needs, and how to install those that are missing."""

from __future__ import annotations

import shutil

from stepcli.audio.ffmpeg import how_to_install
from stepcli.errors import UsageError

REQUIRED_FORMATS = ("WAV", "MP3", "FLAC", "OGG")
"""What libsndfile must read and write, by its own names."""

_REINSTALL = "pip install --force-reinstall soundfile brings its own"


def libsndfile_version() -> str:
    """Return the version of libsndfile. Raises UsageError if it or a format is missing."""
    try:
        import soundfile
    except (ImportError, OSError) as exc:
        raise UsageError(f"libsndfile is missing: {exc}", hint=_REINSTALL) from exc
    missing = [name for name in REQUIRED_FORMATS if name not in soundfile.available_formats()]
    if missing:
        raise UsageError(f"libsndfile does not support {', '.join(missing)}", hint=_REINSTALL)
    version: str = soundfile.__libsndfile_version__
    return version


def portaudio_version() -> str:
    """Return the version of PortAudio. Raises DeviceError if it is missing."""
    from stepcli.audio.portaudio import load_portaudio

    version: str = load_portaudio().get_portaudio_version()[1]
    return version.partition(",")[0].removeprefix("PortAudio ")


def ffmpeg_path() -> str:
    """Return the path of the ffmpeg program. Raises UsageError if there is none."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise UsageError(
            "not found: mp4, webm and large m4a files cannot be read", hint=how_to_install()
        )
    return found
