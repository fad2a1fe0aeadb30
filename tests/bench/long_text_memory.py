"""Peak memory of ``speak`` for 60,000 characters over that for 2,000 (bar: 1.15)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.bench.peak import HERE, peak_memory
from tests.support.service import Sandbox

LENGTHS = (2_000, 60_000)
SENTENCE = "Sentence number {} of this long story is not very long. "


def long_text_peaks(
    service: Sandbox,
    directory: Path,
    lengths: tuple[int, int] = LENGTHS,
    program: Sequence[str] = HERE,
) -> tuple[int, int]:
    """Return the peak memory in kB for the shorter and the longer text, each written as MP3."""
    short, long = (_peak(service, directory, length, program) for length in lengths)
    return short, long


def long_text_ratio(service: Sandbox, directory: Path, lengths: tuple[int, int]) -> float:
    """Return the ratio of the peaks."""
    short, long = long_text_peaks(service, directory, lengths)
    return long / short


def write_book(path: Path, length: int) -> None:
    """Write a text with that many characters."""
    path.write_text("".join(map(SENTENCE.format, range(1 + length // 50)))[:length])


def _peak(service: Sandbox, directory: Path, length: int, program: Sequence[str]) -> int:
    book = directory / f"{length}.txt"
    write_book(book, length)
    environ = service.environ | {"HOME": str(directory)}
    return peak_memory(["speak", "-f", book, "-o", directory / "book.mp3"], environ, program)
