"""The program in the process of the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.service import Sandbox


@pytest.fixture
def run(home: Path, service: Sandbox) -> InProcess:
    """The program in this process, configured for the sandbox server."""
    return InProcess(home, dict(service.environ))
