"""Fixtures for the tests of faults."""

from __future__ import annotations

import pytest

from tests.faults.local_limits import LONG
from tests.support.program import Program
from tests.support.voice_samples import write_sample


@pytest.fixture
def here(stepcli: Program) -> Program:
    write_sample(stepcli.home / "sample.wav", 6)
    (stepcli.home / "long.txt").write_text(LONG)
    (stepcli.home / "batch.txt").write_text("One.\nTwo.\n")
    return stepcli
