"""``transcribe`` of three hours of readings: requests, words, times and memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.bench.peak import peak_memory
from tests.bench.places import Places
from tests.bench.table import Row
from tests.support.recordings import SILENCE, reading, write_long, write_wav
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

READINGS = ("two_cities", "endgame_nagg_nell", "beckett")
HOURS = 3.1

Told = dict[str, Any]


def transcript(service: Sandbox, *arguments: str | Path) -> Told:
    """Return the object that a run prints."""
    command = [sys.executable, "-m", "stepcli", "transcribe", "--json", "-l", "en", "--no-cache"]
    done = subprocess.run(
        [*command, *map(str, arguments)], env=service.environ, capture_output=True, check=True
    )
    reported: Told = json.loads(done.stdout)
    return reported


def words_off(
    reported: Told, singly: dict[str, Told], order: Sequence[tuple[str, float]]
) -> tuple[int, int]:
    """Return the number of differing words and of all words, compared reading by reading."""
    wrong = words = 0
    for name, began in order:
        end = began + singly[name]["duration"] + SILENCE / 2
        heard = [cue["text"] for cue in reported["segments"] if began - 0.5 <= cue["start"] < end]
        wrong += word_errors(singly[name]["text"], " ".join(heard))
        words += len(singly[name]["text"].split())
    return wrong, words


def delays(
    reported: Told, singly: dict[str, Told], order: Sequence[tuple[str, float]]
) -> list[float]:
    """Return the milliseconds from the start of each reading to its first cue."""
    starts = [cue["start"] for cue in reported["segments"]]
    wanted = [began + singly[name]["segments"][0]["start"] for name, began in order]
    return [1000 * min(abs(start - moment) for start in starts) for moment in wanted]


def rows(places: Places, service: Sandbox, directory: Path) -> Iterator[Row]:
    singly = {
        name: transcript(service, write_wav(directory / f"{name}.wav", reading(name)))
        for name in READINGS
    }
    long, short = directory / "long.wav", directory / "short.wav"
    order = write_long(long, READINGS, HOURS * 3600)
    write_long(short, READINGS, 600)
    planned = transcript(service, long, "--dry-run")
    service.reset()
    reported = transcript(service, long)
    what = f"transcribe of {reported['duration'] / 3600:.1f} h:"
    asked = len(service.log("asr"))
    yield Row(f"{what} requests / announced", asked, planned["pieces"], "", 1.0)
    yield Row(f"{what} words off / words", *words_off(reported, singly, order), "", 0.01)
    off = delays(reported, singly, order)
    most, median = max(off), statistics.median(off)
    yield Row(f"{what} first cues off, most / median", most, median, "ms", 300.0, absolute=True)
    for kind in ("wav", "flac", "m4a"):
        most, least = (_peak(places, service, _converted(path, kind)) for path in (long, short))
        yield Row(f"{what} peak memory, {kind} / 10 min", most, least, "MiB", 1.15)


def _peak(places: Places, service: Sandbox, path: Path) -> float:
    listen = ("transcribe", path, "-l", "en", "--no-cache")
    return peak_memory(listen, service.environ, places.stepcli) / 1024


def _converted(path: Path, kind: str) -> Path:
    made = path.with_suffix(f".{kind}")
    if not made.exists():
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, made], check=True)
    return made
