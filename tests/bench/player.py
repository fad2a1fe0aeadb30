"""How soon the first sound is heard, and what playing costs. ``python -m tests.bench.player``

The sound is recorded where it is heard, on the rig of tests/devices.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

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


def main() -> None:
    with running_rig() as rig, tempfile.TemporaryDirectory() as directory:
        speaker = rig.speaker(RATE)
        for way, options in WAYS.items():
            _first_sounds(way, speaker, Path(directory), *options)
        with busy(2):
            _first_sounds("all at once, two busy processes", speaker, Path(directory))
        _cost(speaker, Path(directory))


def _first_sounds(way: str, speaker: Speaker, directory: Path, *options: str) -> None:
    runs = [_first_sound(speaker, directory, *options) for _ in range(RUNS)]
    reckoned, heard = (
        sorted(1000 * seconds for seconds in column) for column in zip(*runs, strict=True)
    )
    _say(
        f"first byte to first sound, {way}: median {statistics.median(heard):.0f} ms, "
        f"longest {heard[-1]:.0f} ms (as Player reckons: {statistics.median(reckoned):.0f} ms)"
    )


def _first_sound(speaker: Speaker, directory: Path, *options: str) -> tuple[float, float]:
    """Seconds as Player tells them, and as a listener who reads the recording takes them."""
    with (
        speaker.record() as recording,
        playing(
            speaker, noise(RATE, 0.5), directory, *options, "--wait", "0.3", urgent=False
        ) as run,
    ):
        recording.wait_for_sound()
        heard = time.monotonic()
        told = run.finish().told
    return told["first_sound"], heard - told["began"]


def _cost(speaker: Speaker, directory: Path) -> None:
    seconds = 10
    with speaker.record() as recording:
        with playing(speaker, noise(RATE, seconds), directory) as run:
            told = run.finish().told
        assert len(audible(recording.samples)) == seconds * RATE
    _say(f"processor time while playing: {100 * told['cpu'] / seconds:.1f} % of one core")
    _say(f"from the last sound to the end of close: {1000 * (told['took'] - seconds):.0f} ms")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - figures are what it is for


if __name__ == "__main__":
    main()
