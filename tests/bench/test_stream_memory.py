"""The memory of a long stream."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.stream_memory import stream_peaks
from tests.support.service import Sandbox
from tests.support.sounds import probe


@pytest.mark.long
def test_stream_memory_is_flat(service: Sandbox, tmp_path: Path) -> None:
    """Thirty minutes of sound take at most 1.15 times the memory of one, and nothing is lost."""
    short, long = stream_peaks(service, tmp_path)
    assert long <= 1.15 * short
    captions = [cue.split("\n", 2) for cue in (tmp_path / "30min.srt").read_text().split("\n\n")]
    spoken = " ".join(cue[2] for cue in captions if len(cue) == 3)
    assert spoken.split() == (tmp_path / "30.txt").read_text().split()
    assert probe(tmp_path / "30min.wav").duration > 30 * 60
