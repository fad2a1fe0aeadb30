"""Peak memory of ``speak`` for 60,000 characters over that for 2,000 (bar: 1.15)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.peak import peak_memory
from tests.support.service import Sandbox, sandbox

SENTENCE = "Sentence number {} of this long story is not very long. "


def long_text_ratio(service: Sandbox, directory: Path, lengths: tuple[int, int]) -> float:
    """The longer text's peak over the shorter one's, each spoken into an MP3."""
    peaks = []
    for length in lengths:
        book = directory / f"{length}.txt"
        book.write_text("".join(map(SENTENCE.format, range(length // 50)))[:length])
        environ = service.environ | {"HOME": str(directory)}
        peaks.append(peak_memory(["speak", "-f", book, "-o", directory / "book.mp3"], environ))
    return peaks[1] / peaks[0]


def main() -> None:
    with sandbox() as service, tempfile.TemporaryDirectory() as directory:
        ratio = long_text_ratio(service, Path(directory), (2_000, 60_000))
    print(f"speak 60,000 / 2,000 characters, peak memory: {ratio:.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
