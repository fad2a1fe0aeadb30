"""Prices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stepcli.tasks import pricing


@pytest.mark.parametrize(
    ("billed", "yuan"), [(0, "0"), (10_000, "5.8"), (1, "0.00058"), (0.5, "0.00029")]
)
def test_speech(billed: float, yuan: str) -> None:
    """5.80 yuan for ten thousand characters, without rounding."""
    assert pricing.speech_cost(billed) == Decimal(yuan)


@pytest.mark.parametrize(("seconds", "yuan"), [(0, "0"), (3600, "0.15"), (5400.5, "0.225020833")])
def test_recognition(seconds: float, yuan: str) -> None:
    """0.15 yuan an hour."""
    assert round(pricing.recognition_cost(seconds), 9) == Decimal(yuan)


def test_cloning() -> None:
    """A voice is 9.90 yuan; the list's date is told with every price."""
    assert Decimal("9.9") == pricing.CLONE
    assert "2026" in pricing.LISTED
