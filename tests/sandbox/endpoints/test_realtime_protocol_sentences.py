"""Sentences cut from text that arrives in bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.sandbox.endpoints.realtime_protocol import Gatherer


def cut(mode: str, *bits: str) -> list[list[str]]:
    """What each bit completes, and what is left at the end."""
    gatherer = Gatherer(mode)
    return [*(gatherer.add(bit) for bit in bits), gatherer.flush()]


@pytest.mark.parametrize(
    ("mode", "bits", "expected"),
    [
        ("sentence", ["你好。世界！"], [["你好。", "世界！"], []]),
        ("sentence", ["One. Two! Three"], [["One. Two!"], [" Three"]]),
        ("default", ["One. Two! Three"], [["One.", " Two!"], [" Three"]]),
        ("default", ["Hello the", "re.", " How"], [[], [], ["Hello there."], [" How"]]),
        ("default", ["It costs 3.50", " now"], [[], [], ["It costs 3.50 now"]]),
        ("default", ["a line\nanother"], [["a line\n"], ["another"]]),
        ("sentence", ["a line\nanother"], [[], ["a line\nanother"]]),
        ("default", ["Really?! Yes"], [["Really?!"], [" Yes"]]),
        ("default", ["He said “no!” twice"], [["He said “no!”"], [" twice"]]),
        ("default", ["(Stop! Wait.) Go on. "], [["(Stop! Wait.) Go on."], []]),
        ("default", ["（笑！）", "好。"], [[], ["（笑！）好。"], []]),
        ("default", ["Sad :( " + "x" * 200 + ". Yes"], [["Sad :( " + "x" * 200 + "."], [" Yes"]]),
        ("default", ["!!! ", "Yes."], [[], [], ["!!! Yes."]]),
        ("default", [" \n "], [[], []]),
    ],
    ids=str,
)
def test_where_a_sentence_ends(mode: str, bits: list[str], expected: list[list[str]]) -> None:
    """At each mode's own ends, outside parentheses, and no sooner than it is sure."""
    assert cut(mode, *bits) == expected


@given(st.sampled_from(["default", "sentence"]), st.lists(st.text("ab (.)!。\n"), max_size=20))
def test_no_character_is_lost(mode: str, bits: list[str]) -> None:
    """The sentences joined are the text, but for white space at its end."""
    spoken = "".join(sentence for sentences in cut(mode, *bits) for sentence in sentences)
    assert "".join(bits).rstrip() == spoken.rstrip()
