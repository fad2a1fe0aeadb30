"""The sound of one input, however it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from stepcli.audio_types import PCM, Recording
from stepcli.errors import UsageError

SPEECH = PCM(16000)
"""What sound is converted to unless told otherwise: all that a recogniser hears."""

LARGEST_AS_IS = 50_000_000
"""Bytes up to which a file is uploaded as it is."""

ReadPart = Callable[[int, int | None], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Track:
    """Sound that can be read from anywhere, any number of times.

    ``part`` gives s16le samples of the shape ``pcm`` from one frame to another, None being the end.
    ``duration`` is in seconds, None where only reading to the end will tell. ``whole`` is the input
    as it is, where the service would take it so.
    """

    pcm: PCM
    part: ReadPart
    duration: float | None
    whole: Recording | None = None


def truncated_error(name: str) -> UsageError:
    """The failure of a sound that ends before it says it does."""
    return UsageError(
        f"{name} is truncated: it ends before its own header says it does",
        hint="copy or download it again; 'ffmpeg -i OLD NEW.wav' saves what is there",
    )


def not_audio_error(name: str, hint: str | None = None) -> UsageError:
    """The failure of a file that is something else."""
    return UsageError(f"{name} is not a sound file", hint=hint)


def no_audio_error(name: str) -> UsageError:
    """The failure of a sound of no length."""
    return UsageError(f"{name} is silent: it is 0 seconds long")


BLOCK = 64 * 1024


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """The file, open. Raises UsageError where it cannot be opened or read."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}") from None


def file_blocks(path: Path, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
    """``size`` bytes of the file from ``offset`` on, fewer where it ends; None for all of them."""
    with open_input(path) as file:
        file.seek(offset)
        left = size
        while block := file.read(BLOCK if left is None else min(BLOCK, left)):
            if left is not None:
                left -= len(block)
            yield block


def uploaded_as_is(path: Path, container: str) -> Recording:
    """Return the file itself as something to upload."""
    return Recording(container, path.stat().st_size, partial(file_blocks, path))
