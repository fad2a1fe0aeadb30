"""A voice sample for the tests of voices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.voice_samples import write_new_sample


@pytest.fixture
def sample(home: Path) -> Path:
    return write_new_sample(home / "mum.wav")
