"""Delay and cost of playback.

The audio is recorded from the virtual sound card of tests/devices.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Row, middle
from tests.devices.hearing import audible, noise
from tests.devices.rig import Speaker, running_rig
from tests.devices.test_player import busy, playing

RATE = 24000
RUNS = 8
WAYS = {
    "all at once": (),
    "1.2 times real time, blocks of 100 ms": ("--pace", "1.2", "--block", "0.1"),
    "1.2 times real time, blocks of 20 ms": ("--pace", "1.2", "--block", "0.02"),
}


def rows(directory: Path) -> Iterator[Row]:
    """Yield the rows. Raise RigMissing."""
    with running_rig() as rig:
        speaker = rig.speaker(RATE)
        for way, options in WAYS.items():
            yield _first_sounds(way, speaker, directory, *options)
        with busy(2):
            yield _first_sounds("all at once, two busy processes", speaker, directory)
        yield from _cost(speaker, directory)


def _first_sounds(way: str, speaker: Speaker, directory: Path, *options: str) -> Row:
    runs = [_first_sound(speaker, directory, *options) for _ in range(RUNS)]
    reckoned, heard = (middle(column, 1000) for column in zip(*runs, strict=True))
    return Row(f"Player, first sound, {way}: heard / as it reckons", heard, reckoned, "ms")


def _first_sound(speaker: Speaker, directory: Path, *options: str) -> tuple[float, float]:
    """Return the seconds to the first audio, as reported by Player and as recorded."""
    with (
        speaker.record() as recording,
        playing(
            speaker, noise(RATE, 0.5), directory, *options, "--wait", "0.3", urgent=False
        ) as run,
    ):
        recording.wait_for_sound()
        heard = time.monotonic()
        reported = run.finish().reported
    return reported["first_sound"], heard - reported["began"]


def _cost(speaker: Speaker, directory: Path) -> Iterator[Row]:
    seconds = 10
    with speaker.record() as recording:
        with playing(speaker, noise(RATE, seconds), directory) as run:
            reported = run.finish().reported
        assert len(audible(recording.samples)) == seconds * RATE
    yield Row("Player, processor time / sound", reported["cpu"], seconds, "s")
    yield Row("Player, from first byte to end of close / sound", reported["took"], seconds, "s")
