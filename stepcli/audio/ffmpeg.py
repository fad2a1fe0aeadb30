"""What only ffmpeg decodes, through a pipe: m4a, mp4, mkv, webm, amr and the rest."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from stepcli.audio.signal import LISTENED, cancel
from stepcli.audio.track import BLOCK, SPEECH, Track, exactly, not_sound, truncated, without_sound
from stepcli.audio_types import PCM
from stepcli.errors import UsageError
from stepcli.storage.temporary_files import anonymous_file

_QUIET = ("ffmpeg", "-nostdin", "-hide_banner", "-protocol_whitelist", "file")
_ON_TIME = "aresample=async=1:first_pts=0"
"""Where the file has a gap in its time there is silence, or all after it would be too early.

An MP3 has no clock, only what ffmpeg makes of its bitrate.
"""
_DIFFERENCE = "pan=mono|c0=0.5*c0-0.5*c1"
_SOUND_ONLY = ("-vn", "-sn", "-dn")
_TO_SAMPLES = ("-f", "s16le", "pipe:1")
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")
_IS_STEREO = re.compile(r"Stream #\S+.*: Audio: .*\bstereo\b")
_RATE = re.compile(r"Stream #\S+.*: Audio: .*?(\d+) Hz")
_HAS_SOUND = re.compile(r"Stream #\S+.*: Audio: ")
_CUT_SHORT = re.compile(r"ended prematurely|partial file|moov atom not found|truncat", re.I)
_NOTHING = re.compile(r"nothing was (encoded|written)", re.I)
_INSTALLERS = {
    "brew": "brew install ffmpeg",
    "winget": "winget install ffmpeg",
    "apt-get": "sudo apt-get install ffmpeg",
    "dnf": "sudo dnf install ffmpeg-free",
    "pacman": "sudo pacman -S ffmpeg",
    "zypper": "sudo zypper install ffmpeg",
    "apk": "sudo apk add ffmpeg",
}


def installed() -> bool:
    return shutil.which("ffmpeg") is not None


def environment() -> dict[str, str]:
    """What a program that converts sound has to know: nothing of the service, nor of its key."""
    return {name: value for name, value in os.environ.items() if not name.startswith("STEP")}


def how_to_install() -> str:
    """The command that installs ffmpeg on this system."""
    found = (command for tool, command in _INSTALLERS.items() if shutil.which(tool))
    return next(found, "install ffmpeg: https://ffmpeg.org/download.html")


def converted_track(path: Path, name: str, container: str | None, rate: int | None) -> Track:
    """The file's sound at ``rate``, or else its own.

    ``container`` is what its first bytes tell, None for nothing.

    Raises UsageError where ffmpeg finds no sound in it.
    """
    told = _ask(path)
    if not _HAS_SOUND.search(told):
        raise _refusal(name, container, told)

    clock = [] if container == "mp3" else [_ON_TIME]
    mixed = [_DIFFERENCE] if _IS_STEREO.search(told) and _is_opposed(path) else []
    output = ("-af", ",".join([*clock, *mixed, "anull"]), "-ac", "1", *_TO_SAMPLES)
    pcm = PCM(rate or _rate(told))

    def part(start: int, stop: int | None) -> Iterator[bytes]:
        frames = None if stop is None else stop - start
        source = (*_seek(start, frames, pcm), "-i", f"file:{path}")
        command = (*source, *_SOUND_ONLY, "-ar", str(pcm.rate), *output)
        decoded = _decoded(command, partial(_check, name, container))
        if frames is None:
            return _not_empty(decoded, name, container)
        size = frames * pcm.frame_bytes
        return exactly(size, decoded, spare=size)  # a part may end in a gap

    return Track(pcm, part, _seconds(told))


def _ask(path: Path) -> str:
    """What ffmpeg says of the file. That nothing was to be written it calls an error."""
    command = (*_QUIET, "-i", f"file:{path}")
    done = subprocess.run(command, capture_output=True, check=False, env=environment())
    return done.stderr.decode(errors="replace")


def _is_opposed(path: Path) -> bool:
    source = ("-t", str(LISTENED), "-i", f"file:{path}")
    command = (*_QUIET, *source, *_SOUND_ONLY, "-ac", "2", *_TO_SAMPLES)
    return cancel(
        subprocess.run(command, capture_output=True, check=False, env=environment()).stdout
    )


def _rate(told: str) -> int:
    found = _RATE.search(told)
    return int(found[1]) if found else SPEECH.rate


def _seconds(told: str) -> float | None:
    found = _DURATION.search(told)
    if not found:
        return None
    hours, minutes, seconds = found.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def _refusal(name: str, container: str | None, told: str) -> UsageError:
    if container is None:
        return not_sound(name)
    if _CUT_SHORT.search(told):
        return truncated(name)
    if "Stream #" in told:
        return UsageError(f"there is no sound in {name}, only pictures")
    return not_sound(name)


def _not_empty(decoded: Iterator[bytes], name: str, container: str | None) -> Iterator[bytes]:
    empty = True
    for block in decoded:
        empty = False
        yield block
    if empty:
        raise without_sound(name) if container else not_sound(name)


def _decoded(arguments: Sequence[str], check: Callable[[int, str], None]) -> Iterator[bytes]:
    """ffmpeg's output as it comes, then ``check`` of its exit code and of what it said.

    ffmpeg is gone when this is closed.
    """
    command = (*_QUIET, "-v", "warning", *arguments)
    with (
        anonymous_file() as complaints,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment(),
        ) as process,
    ):
        assert process.stdout is not None
        try:
            while block := process.stdout.read(BLOCK):
                yield block
            code = process.wait()
        finally:
            process.kill()
        complaints.seek(0)
        check(code, complaints.read(BLOCK).decode(errors="replace").strip())


def _check(name: str, container: str | None, code: int, said: str) -> None:
    """Raises UsageError where ffmpeg failed, or the file ends before it says it does."""
    if _CUT_SHORT.search(said):
        raise truncated(name)
    if code and container is None:
        raise not_sound(name)
    if code and _NOTHING.search(said):
        raise UsageError(f"ffmpeg decodes nothing of {name}", hint=_PROTECTED)
    if code:
        reason = said.splitlines()[-1] if said else f"exit code {code}"
        raise UsageError(f"ffmpeg cannot decode {name}: {reason}", hint=_PROTECTED)


_PROTECTED = "is it protected against copying, or damaged?"


def _seek(start: int, frames: int | None, pcm: PCM) -> list[str]:
    """Options for the input; ffmpeg decodes from the nearest point before and drops the rest."""
    seek = ["-ss", f"{start / pcm.rate:.6f}"] if start else []
    return seek if frames is None else [*seek, "-t", f"{frames / pcm.rate:.6f}"]
