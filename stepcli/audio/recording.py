"""A sound file as something to send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stepcli.audio.container import HEAD_BYTES, sniff
from stepcli.errors import UsageError
from stepcli.sound import Recording

ACCEPTED = ("wav", "mp3", "ogg")
"""Containers that the service takes as they are (protocol.md §6)."""

_BLOCK = 256 * 1024


def open_recording(path: Path) -> Recording:
    """The file at ``path``, to be read when it is sent.

    Raises UsageError for a file that cannot be read, is empty, or is no sound the service takes.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        size = path.stat().st_size
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}") from None
    return Recording(_container(path, head), size, lambda: _blocks(path))


def _container(path: Path, head: bytes) -> str:
    if not head:
        raise UsageError(f"{path} is empty")
    found = sniff(head)
    if found is None:
        raise UsageError(f"{path} is not a sound file")
    if found not in ACCEPTED:
        raise UsageError(
            f"{path} is {found}, which the service does not take", hint=f"ffmpeg -i {path} out.wav"
        )
    return found


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
