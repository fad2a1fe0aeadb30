"""The benchmark runs and prints its rows; their values need a quiet machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.table import Row

ROWS = (
    "--version / python -c pass",
    "usage error / python -c pass",
    "TAB: an option / python -c pass",
    "TAB: a voice / python -c pass",
    "Enter to first request byte, speak -o / limit",
    "Enter to first request byte, speak -o / openai",
    "Enter to first request byte, transcribe / limit",
    "Enter to first request byte, stream -o / limit",
    "Enter to first request byte, stream -o / websockets",
    "end of answer to exit, speak -o / limit",
    "end of answer to exit, transcribe / limit",
    "end of answer to exit, stream -o / limit",
    "first audio byte to stdout, speak -o - / limit",
    "first audio byte to stdout, stream -o - / limit",
    "processor time for a minute streamed as PCM / websockets",
    "upload of 1 min of WAV / limit",
    "peak memory, transcribe: 1 min, in all",
    "text to wire, stream: median / p99",
    "peak memory, stream: 2 / 1 min",
    "peak memory, speak: 3,000 / 1,000 characters",
    "first sound, 3,000 characters / one sentence",
    "whole time, 3,000 characters, --jobs 4 / bare requests",
)


@pytest.mark.long
def test_every_section_prints_its_rows() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--here", "--short"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = re.findall(r"^(.+?) {2,}-?[\d.]+ +-?[\d.]+ \S* +-?[\d.]+", done.stdout, re.MULTILINE)
    assert set(ROWS) <= set(figures)


def test_bar_applies_to_ratio_difference_or_value() -> None:
    assert Row("", 3, 2, "ms", 1.5).met
    assert not Row("", 3, 2, "ms", 1.4).met
    assert Row("", 3, 2, "ms", 1, above=True).met
    assert not Row("", 4, 2, "ms", 1, above=True).met
    assert Row("", 3, 2, "MB/s", 1.5, at_least=True).met
    assert not Row("", 2, 2, "MB/s", 1.5, at_least=True).met
    assert Row("", 3, 9, "MiB", 3, absolute=True).met
    assert not Row("", 4, 9, "MiB", 3, absolute=True).met
    assert Row("", 3, 2, "ms").met is None
