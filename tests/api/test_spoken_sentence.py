"""Word times as the service sends them, and as it might."""

from __future__ import annotations

import json

import pytest

from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence

DATA = {
    "text": "今天，",
    "request_id": "r-1",
    "timestamp": 1782963406221,
    "items": [
        {"text": "今", "start_time": 0, "end_time": 160},
        {"text": "天，", "start_time": 160, "end_time": 1120},
    ],
}


def test_items_have_seconds() -> None:
    assert SpokenSentence.from_json(DATA) == SpokenSentence(
        "今天，", (SpokenItem("今", 0.0, 0.16), SpokenItem("天，", 0.16, 1.12)), "r-1"
    )


def test_sentence_survives_json() -> None:
    sentence = SpokenSentence.from_json(DATA)
    assert SpokenSentence.from_json(json.loads(json.dumps(sentence.to_json()))) == sentence


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"text": 5, "items": None},
        {"items": "abc"},
        {"items": [{"text": "a", "start_time": 0, "end_time": 0}]},
        {"items": [{"text": "a", "start_time": 5}, None, 7]},
    ],
)
def test_sentence_without_usable_times_has_no_items(data: object) -> None:
    assert SpokenSentence.from_json(data).items == ()


@pytest.mark.parametrize("start", ["1", True, -1, None, 900, float("nan"), float("inf")])
def test_item_with_unusable_times_has_none(start: object) -> None:
    items = [{"text": "a", "start_time": start, "end_time": 800}, DATA["items"][1]]  # type: ignore[index]
    assert SpokenSentence.from_json({"items": items}).items[0] == SpokenItem("a", None, None)


def test_moved_sentence_may_begin_before_the_sound() -> None:
    sentence = SpokenSentence("a", (SpokenItem("a", 1.0, 2.0),), "r")
    assert sentence.moved(-1.5) == SpokenSentence("a", (SpokenItem("a", -0.5, 0.5),), "r")


def test_stretched_sentence_keeps_unknown_times() -> None:
    sentence = SpokenSentence("a b", (SpokenItem("a", 1.0, 2.0), SpokenItem("b", None, None)))
    assert sentence.stretched(0.5).items == (SpokenItem("a", 0.5, 1.0), SpokenItem("b", None, None))
