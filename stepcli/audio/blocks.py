"""Bytes in blocks: of a part of a file, and in an announced number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from stepcli.errors import UsageError

BLOCK = 64 * 1024


@contextmanager
def readable(path: Path) -> Iterator[BinaryIO]:
    """The file, open. Raises UsageError where it cannot be opened or read."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}") from None


def file_blocks(path: Path, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
    """``size`` bytes of the file from ``offset`` on, fewer where it ends; None for all of them."""
    with readable(path) as file:
        file.seek(offset)
        left = size
        while block := file.read(BLOCK if left is None else min(BLOCK, left)):
            if left is not None:
                left -= len(block)
            yield block


def exactly(size: int, blocks: Iterable[bytes], spare: int) -> Iterator[bytes]:
    """``size`` bytes of ``blocks``; up to ``spare`` that are missing at the end are zeros.

    Decoding a part of a sound may give a few samples more or fewer than decoding the whole did.
    """
    left = size
    for block in blocks:
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return
    if left <= spare:
        yield bytes(left)
