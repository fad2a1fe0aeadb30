"""First audio and total time of a long text, against one sentence and against the limit.

The service delays every response. Bars: the first audio takes 1.2 times that of one sentence; the
total time is 1.15 times the minimum for the latency and ``--jobs``, which is measured by requesting
the same parts with a minimal client.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.bench.long_text_memory import SENTENCE, write_book
from tests.bench.places import Places
from tests.bench.table import Row, middle
from tests.support.service import Sandbox

JOBS = 4


def rows(
    places: Places, service: Sandbox, runs: int, directory: Path, length: int
) -> Iterator[Row]:
    """Yield the rows; ``length`` is in characters."""
    write_book(directory / "book.txt", length)
    book = ("-f", "book.txt", "-o", "book.wav", "--jobs", str(JOBS))
    plan, _ = _speak(places.stepcli, service, directory, "-f", "book.txt", "--dry-run")
    bodies = [body | {"response_format": "pcm"} for body in plan["requests"]]
    firsts, totals, limits, sentences = [], [], [], []
    for _ in range(runs):
        reported, seconds = _speak(places.stepcli, service, directory, *book)
        firsts.append(reported["first_audio_ms"])
        totals.append(seconds)
        limits.append(_bare(service, bodies))
        one = (SENTENCE.format(1), "-o", "one.wav")
        reported, _ = _speak(places.stepcli, service, directory, *one)
        sentences.append(reported["first_audio_ms"])
    text = f"{length:,} characters"
    yield Row(f"first sound, {text} / one sentence", middle(firsts), middle(sentences), "ms", 1.2)
    what = f"whole time, {text}, --jobs {JOBS} / bare requests"
    yield Row(what, middle(totals), middle(limits), "s", 1.15)


def _speak(
    program: Sequence[str], service: Sandbox, home: Path, *arguments: str
) -> tuple[dict[str, Any], float]:
    """Return the output of ``speak --json`` and its duration in seconds."""
    begun = time.monotonic()
    done = subprocess.run(
        [*program, "speak", "--json", *arguments],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", **service.environ},
        cwd=home,
        capture_output=True,
        check=True,
    )
    reported: dict[str, Any] = json.loads(done.stdout)
    return reported, time.monotonic() - begun


def _bare(service: Sandbox, bodies: list[dict[str, Any]]) -> float:
    """Return the seconds to request ``bodies``, JOBS at once, with the standard library only."""

    def ask(body: dict[str, Any]) -> None:
        request = Request(f"{service.base}/audio/speech", json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {service.key}")
        request.add_header("Content-Type", "application/json")
        with urlopen(request) as answer:
            answer.read()

    begun = time.monotonic()
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(ask, bodies))
    return time.monotonic() - begun
