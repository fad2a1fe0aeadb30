"""Recordings from the microphone, kept in the state directory."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from stepcli.errors import UsageError
from stepcli.settings import state_dir

_WEEK = 7 * 24 * 3600.0
_UNDER_WAY = "mic-*.wav"
_OWN_FLAGS = ("--mic", "--live", "--last")
_OWN_VALUES = ("--device", "--silence", "--threshold", "--duration", "--keep")


def new_recording() -> Path:
    """The path for a recording that begins now; what failed more than a week ago is forgotten."""
    room = _room()
    for old in room.glob(_UNDER_WAY):
        with suppress(OSError):
            if old.stat().st_mtime < time.time() - _WEEK:
                old.unlink()
    return room / time.strftime(f"mic-%Y%m%d-%H%M%S-{os.getpid()}.wav")


def last_path() -> Path:
    """Where the last recording that was transcribed is."""
    return _room() / "last.wav"


def transcribed(path: Path) -> None:
    """The recording at ``path`` is the last one that went well, and replaces the one before."""
    if path.parent == _room() and path != last_path():
        with suppress(OSError):
            path.replace(last_path())


def last_recording() -> Path:
    """The recording that was made last. Raises UsageError where there is none."""
    found = [*_room().glob(_UNDER_WAY), last_path()]
    found = [path for path in found if path.exists()]
    if not found:
        raise UsageError("there is no last recording", hint="make one: stepcli transcribe --mic")
    return max(found, key=lambda path: path.stat().st_mtime)


def again(arguments: Sequence[str], saved: str | None = None) -> str:
    """The command that tries a recording again: ``--last``, or the file it was ``saved`` as.

    ``arguments`` are those of the run that failed; all that is not about recording is kept.
    """
    kept: list[str] = []
    rest = iter(arguments[1:])
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if name in _OWN_VALUES:
            if not equals:
                next(rest, None)
        elif argument not in _OWN_FLAGS:
            kept.append(argument)
    words = ["stepcli", "transcribe", saved or "--last", *kept]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _room() -> Path:
    return state_dir() / "recordings"
