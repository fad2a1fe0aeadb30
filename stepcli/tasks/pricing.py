"""What the service charges: mainland list prices in yuan (protocol.md §7).

Estimates to show before anything is spent. Under Step Plan the same amounts are drawn from credit.
"""

from __future__ import annotations

from decimal import Decimal

LISTED = "mid-2026"
"""When the prices below were the list's."""

CLONE = Decimal("9.9")
"""One cloned voice."""

_SPEECH = Decimal("5.8") / 10_000
_RECOGNITION = Decimal("0.15") / 3600


def speech_cost(billed: float) -> Decimal:
    """The price of speaking ``billed`` characters (see ``text.billed_characters``)."""
    return Decimal(billed) * _SPEECH


def recognition_cost(seconds: float) -> Decimal:
    """The price of recognising ``seconds`` of sound."""
    return Decimal(seconds) * _RECOGNITION
