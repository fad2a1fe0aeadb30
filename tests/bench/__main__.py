"""Benchmarks: ``python -m tests.bench [SECTION…]``.

Every row is the ratio of two medians from alternating runs: stepcli, installed without extras as a
user would have it, against the possible minimum (``limit``: the same bytes over a raw socket) or
against another client. ``work`` is the ratio of the processor times, which does not depend on other
load. The first run creates the installations.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import (
    adaptive,
    distance,
    line,
    long_text,
    memory,
    mic,
    player,
    request,
    sound,
    start,
    stream,
    transcribe,
    upload,
)
from tests.bench.long_text_memory import LENGTHS
from tests.bench.places import ROOT, Places, installed, this_environment
from tests.bench.stream_memory import MINUTES
from tests.bench.table import HEAD, Row
from tests.support.service import sandbox


@dataclass(frozen=True)
class Size:
    """The amounts that are measured: runs of each kind, minutes of audio, characters, words.

    ``latency`` is the delay of the sandbox before each part of a long text, in seconds, and that of
    a service at its limit for 1,000 characters.
    """

    runs: int
    uploaded: float = 60.0
    streamed: float = 10.0
    minutes: tuple[int, int] = MINUTES
    characters: tuple[int, int] = LENGTHS
    latency: float = 1.0
    words: int = 300
    soak: float = 10.0
    listened: tuple[int, int] = (5, 60)
    dictated: float = 300.0
    sent: tuple[float, float] = (1.0, 3.0)


SHORT = Size(
    runs=1, uploaded=1.0, streamed=0.1, minutes=(1, 2), characters=(1_000, 3_000), latency=0.1,
    words=5, soak=0.05, listened=(1, 2), dictated=30.0, sent=(0.02, 0.04),
)  # fmt: skip

Section = Callable[[Places, Size, Path], Iterator[Row]]


def _start(places: Places, size: Size, _directory: Path) -> Iterator[Row]:
    return start.rows(places, size.runs)


def _request(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    return request.rows(places, size.runs, directory)


def _sound(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    return sound.rows(places, size.runs, directory, size.streamed)


def _upload(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    return upload.rows(places, min(size.runs, 5), directory, size.uploaded)


def _stream(places: Places, size: Size, _directory: Path) -> Iterator[Row]:
    return stream.delay_rows(places, size.words)


def _memory(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    with sandbox() as service:
        yield from memory.rows(places, service, directory, size.minutes, size.characters)


def _long_text(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    with sandbox("--latency", str(size.latency)) as service:
        runs, length = min(size.runs, 3), max(size.characters)
        yield from long_text.rows(places, service, runs, directory, length)


def _distance(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    return distance.rows(places, size.runs, directory)


def _adaptive(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    return adaptive.rows(places, directory, size.latency)


def _soak(places: Places, size: Size, _directory: Path) -> Iterator[Row]:
    return stream.soak_rows(places, size.soak)


def _hours(places: Places, _size: Size, directory: Path) -> Iterator[Row]:
    with sandbox() as service:
        yield from transcribe.rows(places, service, directory)


def _line(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    return line.rows(places, directory, size.sent)


def _player(_places: Places, _size: Size, directory: Path) -> Iterator[Row]:
    return player.rows(directory)


def _mic(places: Places, size: Size, directory: Path) -> Iterator[Row]:
    with sandbox() as service:
        yield from mic.rows(places, service, min(size.runs, 5), directory, size.listened)
    with sandbox("--latency", "0.5") as service:
        yield from mic.stop_rows(places, service, min(size.runs, 5), directory, size.dictated)


USUAL: dict[str, Section] = {
    "start": _start,
    "request": _request,
    "sound": _sound,
    "upload": _upload,
    "stream": _stream,
    "memory": _memory,
    "long-text": _long_text,
    "distance": _distance,
    "adaptive": _adaptive,
}
LENGTHY: dict[str, Section] = {
    "soak": _soak,
    "hours": _hours,
    "line": _line,
    "mic": _mic,
    "player": _player,
}
"""Sections that run on request only: they take minutes, or need a virtual sound card or ALSA."""


def main() -> None:
    wanted = _parsed()
    size = SHORT if wanted.short else Size(wanted.runs)
    places = this_environment() if wanted.here else installed(ROOT / ".venv" / "bench")
    print(HEAD)  # noqa: T201
    for name in wanted.sections or USUAL:
        with tempfile.TemporaryDirectory() as directory:
            for row in (USUAL | LENGTHY)[name](places, size, Path(directory)):
                print(row, flush=True)  # noqa: T201


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    sections = (*USUAL, *LENGTHY)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(sections))
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="of each kind, in turn")
    parser.add_argument("--short", action="store_true", help="little of everything, once")
    parser.add_argument("--here", action="store_true", help="measure this environment instead")
    wanted = parser.parse_args()
    if unknown := set(wanted.sections) - set(sections):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    return wanted


if __name__ == "__main__":
    main()
