"""Estimates of how long text takes to speak."""

from __future__ import annotations

import pytest

from stepcli.text.speaking_time import sentence_start_within, speaking_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Today is a good day for a walk in the park.", 2.5),
        ("今天天气真好，我们去公园散步吧。", 3.2),
        ("(whispering) Hello.", 0.4),
        ("...", 0.0),
    ],
)
def test_estimate_is_about_right(text: str, seconds: float) -> None:
    assert seconds / 1.5 <= speaking_time(text) <= seconds * 1.5


def test_sentence_that_was_cut_is_the_last_to_begin_in_time() -> None:
    text = "This is the first one. This is the second one. This is the third one."
    one = speaking_time("This is the first one.")
    found = [text[sentence_start_within(text, one * share, 1.0) :] for share in (0.5, 1.5, 2.6)]
    assert [rest.split()[3] for rest in found] == ["first", "second", "third"]


def test_slower_voice_has_said_less() -> None:
    text = "This is the first one. This is the second one."
    seconds = 1.5 * speaking_time("This is the first one.")
    assert sentence_start_within(text, seconds, 2.0) == 0
    assert sentence_start_within(text, seconds, 1.0) == len("This is the first one. ")
