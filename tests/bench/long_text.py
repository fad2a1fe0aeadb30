"""First sound and total time of 60,000 characters, against one sentence and against the limit.

The sandbox answers every request after one second. Bars: first sound 1.2 times that of one
sentence; total time 1.15 times what the latency and ``--jobs`` allow, which is measured by asking
for the same parts with a bare client, the same number at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request, urlopen

from tests.bench.long_text_memory import SENTENCE
from tests.support.service import Sandbox, sandbox

JOBS = 4
LENGTH = 60_000


def _speak(service: Sandbox, home: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """What ``speak --json`` told, and how many seconds it took."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "stepcli", "speak", "--json", *arguments],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", **service.environ},
        cwd=home,
        capture_output=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told, time.monotonic() - begun


def _bare(service: Sandbox, bodies: list[dict[str, Any]]) -> float:
    """Seconds to ask for ``bodies``, JOBS at once, with nothing but the standard library."""

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


def main() -> None:
    with sandbox("--latency", "1") as service, tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / "book.txt").write_text("".join(map(SENTENCE.format, range(LENGTH // 50)))[:LENGTH])
        book = ("-f", "book.txt", "-o", "book.wav", "--jobs", str(JOBS))
        plan, _ = _speak(service, home, "-f", "book.txt", "--dry-run")
        bodies = [body | {"response_format": "pcm"} for body in plan["requests"]]
        firsts, totals, limits, sentences = [], [], [], []
        for _ in range(3):
            told, seconds = _speak(service, home, *book)
            firsts.append(told["first_audio_ms"])
            totals.append(seconds)
            limits.append(_bare(service, bodies))
            told, _ = _speak(service, home, SENTENCE.format(1), "-o", "one.wav")
            sentences.append(told["first_audio_ms"])
    first, total = median(firsts) / median(sentences), median(totals) / median(limits)
    print(f"first sound, 60,000 characters / one sentence: {first:.2f} (bar 1.2)")  # noqa: T201
    print(f"total time / the same requests bare, --jobs {JOBS}: {total:.2f} (bar 1.15)")  # noqa: T201


if __name__ == "__main__":
    main()
