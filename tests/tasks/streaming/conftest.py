"""Fixtures for the tests of streaming."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcli.api.retry.retry_delay", lambda _attempt, _after: 0.0)
