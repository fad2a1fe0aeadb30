"""Prices by site and model, against the published lists."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stepcli.api.catalog import INTERNATIONAL, MAINLAND, RECOGNITION_MODEL, SPEECH_MODEL, Site
from stepcli.tasks.pricing import (
    PRICES_DATE,
    cloning_cost,
    describe_cost,
    recognition_cost,
    speech_cost,
)


@pytest.mark.parametrize(
    ("model", "yuan", "dollars"),
    [
        ("stepaudio-2.5-tts", "5.8", "0.85"),
        ("stepaudio-3-tts", "2.5", "0.36"),
        ("step-tts-2", "2.8", "0.40"),
        ("step-tts-mini", "0.9", "0.13"),
        ("step-tts-9", None, None),
    ],
)
def test_speech_is_priced_per_ten_thousand_characters(
    model: str, yuan: str | None, dollars: str | None
) -> None:
    for site, price in ((MAINLAND, yuan), (INTERNATIONAL, dollars)):
        for billed in (10_000, 1, 0.5, 0):
            cost = speech_cost([(model, billed)], site)
            expected = None if price is None else Decimal(price) * Decimal(billed) / 10_000
            assert (cost and cost.amount) == expected


@pytest.mark.parametrize(
    ("model", "yuan", "dollars"),
    [
        ("stepaudio-2.5-asr", "0.15", "0.022"),
        ("stepaudio-3-asr-max", "2.8", "0.40"),
        ("stepaudio-2-asr-pro", None, "0.29"),
        ("stepaudio-9-asr", None, None),
    ],
)
def test_recognition_is_priced_per_hour(model: str, yuan: str | None, dollars: str | None) -> None:
    for site, price in ((MAINLAND, yuan), (INTERNATIONAL, dollars)):
        for hours in (2, 1, 0.25, 0):
            cost = recognition_cost(model, hours * 3600, site)
            expected = None if price is None else Decimal(price) * Decimal(hours)
            assert (cost and cost.amount) == expected


def test_cloned_voice_has_a_fixed_price() -> None:
    assert cloning_cost(MAINLAND).to_json() == {"amount": 9.9, "currency": "CNY"}
    assert cloning_cost(INTERNATIONAL).to_json() == {"amount": 1.5, "currency": "USD"}


def test_several_models_are_added_up() -> None:
    cost = speech_cost([("step-tts-2", 10_000), ("step-tts-mini", 20_000)], INTERNATIONAL)
    assert cost is not None
    assert cost.amount == Decimal("0.66")


def test_one_model_without_a_price_leaves_no_estimate() -> None:
    """An estimate that leaves out some requests would be too low."""
    assert speech_cost([(SPEECH_MODEL, 1), ("step-tts-9", 1)], MAINLAND) is None


def test_speech_models_have_no_recognition_price_and_vice_versa() -> None:
    assert recognition_cost(SPEECH_MODEL, 3600, MAINLAND) is None
    assert speech_cost([(RECOGNITION_MODEL, 1)], MAINLAND) is None


@pytest.mark.parametrize(("site", "shown"), [(MAINLAND, "¥5.8000"), (INTERNATIONAL, "$0.8500")])
def test_description_has_currency_and_date(site: Site, shown: str) -> None:
    text = describe_cost(speech_cost([(SPEECH_MODEL, 10_000)], site))
    assert text == f"about {shown} (list price of {PRICES_DATE})"


def test_unknown_price_is_stated() -> None:
    assert describe_cost(None) == "no price known for this model"
