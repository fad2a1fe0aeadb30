"""The memory of a long upload."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.upload_memory import ratio
from tests.support.service import Sandbox


@pytest.mark.long
def test_upload_memory_is_flat(service: Sandbox, tmp_path: Path) -> None:
    """Thirty minutes of WAV take at most 1.15 times the memory of one."""
    assert ratio(service, tmp_path) <= 1.15
