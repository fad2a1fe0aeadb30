"""What sound needs of this machine: its libraries and programs, with what to do where they lack."""

from __future__ import annotations

import shutil

from stepcli.audio.ffmpeg import how_to_install
from stepcli.errors import UsageError

REQUIRED_FORMATS = ("WAV", "MP3", "FLAC", "OGG")
"""libsndfile's names of what is read and written."""

_REINSTALL = "pip install --force-reinstall soundfile brings its own"


def libsndfile_version() -> str:
    """The version of the library that reads and writes files. Raises UsageError where it cannot."""
    try:
        import soundfile
    except (ImportError, OSError) as exc:
        raise UsageError(f"libsndfile is missing: {exc}", hint=_REINSTALL) from exc
    missing = [name for name in REQUIRED_FORMATS if name not in soundfile.available_formats()]
    if missing:
        raise UsageError(f"libsndfile cannot do {', '.join(missing)}", hint=_REINSTALL)
    version: str = soundfile.__libsndfile_version__
    return version


def portaudio_version() -> str:
    """The version of the library that plays and records. Raises DeviceError without it."""
    from stepcli.audio.portaudio import load_portaudio

    version: str = load_portaudio().get_portaudio_version()[1]
    return version.partition(",")[0].removeprefix("PortAudio ")


def ffmpeg_path() -> str:
    """Where the program is that reads what libsndfile does not. Raises UsageError without it."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise UsageError("not found: m4a, mp4 and webm cannot be read", hint=how_to_install())
    return found
