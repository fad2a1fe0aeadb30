"""Recordings for the tests of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.recordings import reading, write_wav
from tests.support.voice_samples import write_new_sample


@pytest.fixture
def sample(home: Path) -> Path:
    """A voice sample."""
    return write_new_sample(home / "mum.wav")


@pytest.fixture
def words(home: Path) -> Path:
    """A recording of two sentences."""
    return write_wav(home / "words.wav", reading("beckett")[: 2 * 16000 * 4])
