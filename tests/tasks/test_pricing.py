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
from tests.support.protocol import section, table

PRICES = {
    what: (None if yuan == "–" else Decimal(yuan), Decimal(dollars))
    for what, yuan, dollars in table(7)
}


def _models(unit: str) -> list[str]:
    return [what.removesuffix(unit) for what in PRICES if what.endswith(unit)]


CHARACTERS, HOUR = ", 10,000 characters", ", an hour"


@pytest.mark.parametrize("model", _models(CHARACTERS))
def test_speech_is_priced_per_ten_thousand_characters(model: str) -> None:
    for site, price in zip((MAINLAND, INTERNATIONAL), PRICES[model + CHARACTERS], strict=True):
        for billed in (10_000, 1, 0.5, 0):
            cost = speech_cost([(model, billed)], site)
            assert price is not None
            assert cost is not None
            assert cost.amount == price * Decimal(billed) / 10_000


@pytest.mark.parametrize("model", _models(HOUR))
def test_recognition_is_priced_per_hour(model: str) -> None:
    for site, price in zip((MAINLAND, INTERNATIONAL), PRICES[model + HOUR], strict=True):
        for hours in (2, 1, 0.25, 0):
            cost = recognition_cost(model, hours * 3600, site)
            assert (cost and cost.amount) == (None if price is None else price * Decimal(hours))


def test_models_that_are_not_listed_have_no_price() -> None:
    for site in (MAINLAND, INTERNATIONAL):
        assert speech_cost([("step-tts-9", 1)], site) is None
        assert recognition_cost("stepaudio-9-asr", 1, site) is None


def test_cloned_voice_has_a_fixed_price() -> None:
    prices = cloning_cost(MAINLAND).amount, cloning_cost(INTERNATIONAL).amount
    assert prices == PRICES["a cloned voice"]
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


@pytest.mark.parametrize(("characters", "digits", "shown"), [
    (1, 4, "less than $0.0001"), (2, 4, "about $0.0002"), (50, 2, "less than $0.01"),
    (0, 4, "about $0.0000"),
])  # fmt: skip
def test_amount_whose_decimals_would_all_be_zero_is_a_bound(
    characters: int, digits: int, shown: str
) -> None:
    cost = speech_cost([(SPEECH_MODEL, characters)], INTERNATIONAL)
    assert describe_cost(cost, digits=digits).startswith(f"{shown} (")


def test_date_is_that_of_the_list() -> None:
    assert PRICES_DATE in section(7).lower()


def test_unknown_price_is_stated() -> None:
    assert describe_cost(None) == "no price known for this model"
