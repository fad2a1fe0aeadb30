"""Peak memory of long jobs against short ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.long_text_memory import long_text_peaks
from tests.bench.places import Places
from tests.bench.stream_memory import stream_peaks
from tests.bench.table import Row
from tests.support.service import Sandbox

FLAT = 1.15


def rows(
    places: Places,
    service: Sandbox,
    directory: Path,
    minutes: tuple[int, int],
    characters: tuple[int, int],
) -> Iterator[Row]:
    short, long = stream_peaks(service, directory, minutes, places.stepcli)
    yield _row("peak memory, stream: {1} / {0} min".format(*minutes), short, long)
    short, long = long_text_peaks(service, directory, characters, places.stepcli)
    yield _row("peak memory, speak: {1:,} / {0:,} characters".format(*characters), short, long)


def _row(what: str, short: int, long: int) -> Row:
    return Row(what, long / 1024, short / 1024, "MiB", FLAT)
