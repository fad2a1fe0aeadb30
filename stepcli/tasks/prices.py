"""The mainland list prices of mid-2026 in CNY (protocol.md §7), for estimates before spending."""

from __future__ import annotations

from decimal import Decimal

SPEECH_PER_CHARACTER = Decimal("5.8") / 10_000
RECOGNITION_PER_HOUR = Decimal("0.15")
CLONED_VOICE = Decimal("9.9")


def speech_cost(billed_characters: int) -> Decimal:
    """CNY for speaking so many characters, counted as the service bills them."""
    return SPEECH_PER_CHARACTER * billed_characters


def recognition_cost(seconds: float) -> Decimal:
    """CNY for recognising so much sound."""
    return RECOGNITION_PER_HOUR * Decimal(str(seconds)) / 3600
