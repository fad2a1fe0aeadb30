"""The audio of one input, however it is stored, and the errors of inputs that have none."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import BinaryIO

from stepcli.audio_types import PCM, Recording
from stepcli.errors import UsageError
from stepcli.storage.os_errors import os_errors_as

SPEECH = PCM(16000)
"""What audio is converted to by default: recognition uses nothing beyond it."""

MAX_UPLOAD_BYTES = 7_500_000
"""Most bytes of audio in one request: in base64 they stay below the service's limit of 10 MiB."""

BLOCK = 16 * 1024
"""Bytes that are read at a time."""

ReadPart = Callable[[int, int | None], Iterator[bytes]]
"""Yields the samples from one frame up to another, or to the end if that is None."""


@dataclass(frozen=True, slots=True)
class Track:
    """Audio that can be read from any frame, any number of times.

    ``part`` yields s16le samples of the shape ``pcm``. ``duration`` is in seconds, None if it is
    not known before all is read. ``whole`` is the input itself, if it can be uploaded as it is.
    ``can_be_mixed`` returns, perhaps after decoding it, whether its channels do not cancel each
    other out. Without ``is_decodable``, reading samples raises UsageError.
    """

    pcm: PCM
    part: ReadPart
    duration: float | None
    whole: Recording | None = None
    is_decodable: bool = True
    can_be_mixed: Callable[[], bool] = lambda: True

    def section(self, start: int, stop: int) -> Track:
        """Return the samples from frame ``start`` to ``stop``."""

        def part(first: int, last: int | None) -> Iterator[bytes]:
            return self.part(start + first, stop if last is None else start + last)

        return Track(self.pcm, part, (stop - start) / self.pcm.rate)


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """Open the file at ``path``. Raises UsageError if it cannot be opened or read."""
    with os_errors_as(UsageError, f"cannot read {path}"), path.open("rb") as file:
        yield file


def file_blocks(path: Path, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
    """Yield ``size`` bytes of the file from ``offset`` on, or all to its end if that is None.

    Yields fewer if the file ends earlier. Raises UsageError if it cannot be read.
    """
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


def truncated_error(name: str, *, readable: bool = True) -> UsageError:
    """Return the error for a file that ends before its header says so.

    ``readable`` is whether ffmpeg can read the beginning.
    """
    names = f"{shlex.quote(name)} {shlex.quote(f'{PurePath(name).stem}-part.wav')}"
    rest = (
        f"ffmpeg -i {names} saves what is there"
        if readable
        else "its index would be at the end, so what is there cannot be played either"
    )
    return UsageError(
        f"{name} is truncated: it ends before its own header says it does",
        hint=f"copy or download it again; {rest}",
    )


def not_audio_error(name: str, hint: str | None = None) -> UsageError:
    """Return the error for a file that is not audio."""
    return UsageError(f"{name} is not a sound file", hint=hint)


def no_audio_error(name: str) -> UsageError:
    """Return the error for audio of no length."""
    return UsageError(f"{name} is silent: it is 0 seconds long")
