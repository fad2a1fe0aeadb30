"""List prices of the service, for estimates before anything is spent (PROTOCOL.md, section 7).

Under a Step Plan the same amounts are drawn from the monthly credit. A model that is not in the
tables has no price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stepcli.api.catalog import MAINLAND, Site

PRICES_DATE = "autumn 2026"


@dataclass(frozen=True, slots=True)
class _Price:
    """A price in the currency of each site; None where the site has no such price."""

    yuan: str | None
    dollars: str

    def at(self, site: Site) -> Decimal | None:
        amount = self.yuan if site is MAINLAND else self.dollars
        return None if amount is None else Decimal(amount)


_PER_10_000_CHARACTERS = {
    "stepaudio-2.5-tts": _Price("5.8", "0.85"),
    "stepaudio-3-tts": _Price("2.5", "0.36"),
    "step-tts-2": _Price("2.8", "0.40"),
    "step-tts-mini": _Price("0.9", "0.13"),
}
_PER_HOUR = {
    "stepaudio-2.5-asr": _Price("0.15", "0.022"),
    "stepaudio-3-asr-max": _Price("2.8", "0.40"),
    "stepaudio-2-asr-pro": _Price(None, "0.29"),
}
_PER_CLONED_VOICE = _Price("9.9", "1.50")
_PER_STORED_GB_AND_DAY = _Price("0.5", "0.08")


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimated amount in the currency of `site`."""

    amount: Decimal
    site: Site

    def to_json(self) -> dict[str, Any]:
        return {"amount": round(float(self.amount), 6), "currency": self.site.currency}

    def __format__(self, spec: str) -> str:
        return f"{self.site.symbol}{self.amount:{spec}}"


def speech_cost(billed: Iterable[tuple[str, float]], site: Site) -> Cost | None:
    """Return the cost of `billed`, pairs of a model and the characters that it is billed for.

    Return None if any of the models has no price. `billed_characters` counts the characters.
    """
    total = Decimal()
    for model, characters in billed:
        price = _price(_PER_10_000_CHARACTERS, model, site)
        if price is None:
            return None
        total += price * Decimal(characters) / 10_000
    return Cost(total, site)


def recognition_cost(model: str, seconds: float, site: Site) -> Cost | None:
    """Return the cost of recognizing `seconds` of audio; None if the model has no price."""
    price = _price(_PER_HOUR, model, site)
    return None if price is None else Cost(price * Decimal(seconds) / 3600, site)


def cloning_cost(site: Site) -> Cost:
    """Return the cost of one cloned voice."""
    price = _PER_CLONED_VOICE.at(site)
    assert price is not None
    return Cost(price, site)


def storage_cost(size: int, site: Site) -> Cost:
    """Return the cost of storing `size` bytes for a day."""
    price = _PER_STORED_GB_AND_DAY.at(site)
    assert price is not None
    return Cost(price * size / 10**9, site)


def describe_daily_cost(cost: Cost) -> str:
    """Return `cost` a day."""
    return f"{_estimate(cost, 2 if cost.amount >= Decimal('0.01') else 4)} a day"


def describe_cost(cost: Cost | None, *, digits: int = 4) -> str:
    """Return `cost` for the end of a sentence, with the date of the price list."""
    if cost is None:
        return "no price known for this model"
    return f"{_estimate(cost, digits)} (list price of {PRICES_DATE})"


def _estimate(cost: Cost, digits: int) -> str:
    """Return `cost` with so many decimals, as a bound if they would all be zero."""
    least = Decimal(1).scaleb(-digits)
    if 0 < cost.amount < least:
        return f"less than {Cost(least, cost.site):.{digits}f}"
    return f"about {cost:.{digits}f}"


def _price(prices: dict[str, _Price], model: str, site: Site) -> Decimal | None:
    return prices[model].at(site) if model in prices else None
