"""``transcribe`` of three hours of readings: requests, words, times, memory beside ten minutes.

Bars: exactly the announced requests; word error rate within one point of the readings transcribed
singly; cues within 300 ms; peak memory at most 1.15 times that of a ten-minute file.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from tests.bench.peak import peak_memory
from tests.support.recordings import SILENCE, reading, write_long, write_wav
from tests.support.service import Sandbox, sandbox
from tests.support.sounds import word_errors

READINGS = ("two_cities", "endgame_nagg_nell", "beckett")
HOURS = 3.1

Told = dict[str, Any]


def transcript(service: Sandbox, *arguments: str | Path) -> Told:
    """The object that a run prints."""
    command = [sys.executable, "-m", "stepcli", "transcribe", "--json", "-l", "en", "--no-cache"]
    done = subprocess.run(
        [*command, *map(str, arguments)], env=service.environ, capture_output=True, check=True
    )
    told: Told = json.loads(done.stdout)
    return told


def error_rate(told: Told, singly: dict[str, Told], order: Sequence[tuple[str, float]]) -> float:
    """Words wrong of those that the readings have singly, in percent; reading by reading."""
    wrong = words = 0
    for name, began in order:
        end = began + singly[name]["duration"] + SILENCE / 2
        heard = [cue["text"] for cue in told["segments"] if began - 0.5 <= cue["start"] < end]
        wrong += word_errors(singly[name]["text"], " ".join(heard))
        words += len(singly[name]["text"].split())
    return 100 * wrong / words


def delays(told: Told, singly: dict[str, Told], order: Sequence[tuple[str, float]]) -> list[float]:
    """Milliseconds between when a reading's first cue begins and when it should."""
    starts = [cue["start"] for cue in told["segments"]]
    wanted = [began + singly[name]["segments"][0]["start"] for name, began in order]
    return [1000 * min(abs(start - moment) for start in starts) for moment in wanted]


def memory(service: Sandbox, short: Path, long: Path) -> float:
    """The long run's peak over the short one's."""
    peaks = [
        peak_memory(["transcribe", path, "-l", "en", "--no-cache"], service.environ)
        for path in (short, long)
    ]
    return peaks[1] / peaks[0]


def measure(service: Sandbox, directory: Path) -> None:
    singly = {
        name: transcript(service, write_wav(directory / f"{name}.wav", reading(name)))
        for name in READINGS
    }
    long, short = directory / "long.wav", directory / "short.wav"
    order = write_long(long, READINGS, HOURS * 3600)
    write_long(short, READINGS, 600)
    planned = transcript(service, long, "--dry-run")
    service.reset()
    began = monotonic()
    told = transcript(service, long)
    seconds = monotonic() - began
    off = delays(told, singly, order)
    _tell(f"{told['duration'] / 3600:.2f} h in {seconds:.0f} s")
    _tell(f"requests: {len(service.log('asr'))}, announced {planned['pieces']}")
    _tell(f"words off from the readings singly: {error_rate(told, singly, order):.2f} %")
    _tell(f"first cues off: median {statistics.median(off):.0f} ms, most {max(off):.0f} ms")
    _tell(f"peak memory, long / ten minutes, WAV: {memory(service, short, long):.3f}")
    for kind in ("flac", "m4a"):
        pair = [_converted(path, kind) for path in (short, long)]
        _tell(f"peak memory, long / ten minutes, {kind}: {memory(service, *pair):.3f}")


def _converted(path: Path, kind: str) -> Path:
    made = path.with_suffix(f".{kind}")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, made], check=True)
    return made


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main() -> None:
    with sandbox() as service, tempfile.TemporaryDirectory() as directory:
        measure(service, Path(directory))


if __name__ == "__main__":
    main()
