"""The memory of a long stream."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.stream_memory import stream_peaks
from tests.support.service import Sandbox


@pytest.mark.long
def test_stream_memory_is_flat(service: Sandbox, tmp_path: Path) -> None:
    """Twenty minutes of sound take at most 1.15 times the memory of one."""
    short, long = stream_peaks(service, tmp_path)
    assert long <= 1.15 * short
