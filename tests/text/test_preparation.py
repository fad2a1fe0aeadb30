"""Text before it is sent: cleaned or verbatim, with its directions followed, spoken, counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.errors import UsageError
from stepcli.text.preparation import DirectionCounter, Preparation, count_directions

WRITTEN = "One  (softly)\n\ntwo."


@pytest.mark.parametrize(
    ("preparation", "sent"),
    [
        (Preparation(), "One (softly)\ntwo."),
        (Preparation(verbatim=True), WRITTEN),
        (Preparation(literal=True), "One, softly\ntwo."),
        (Preparation(literal=True, verbatim=True), "One, softly\n\ntwo."),
    ],
)
def test_text_is_cleaned_and_parentheses_are_spoken(preparation: Preparation, sent: str) -> None:
    assert preparation.apply(WRITTEN) == sent


def test_blocks_are_prepared_as_they_arrive() -> None:
    blocks = ["One ", " (sof", "tly) two."]
    assert list(Preparation(literal=True).apply_to_blocks(blocks)) == ["One", " ,sof", "tly, two."]
    assert list(Preparation(verbatim=True).apply_to_blocks(blocks)) == blocks


@pytest.mark.parametrize("text", ["", " \n", "\x1b[0m\n", "\x07"])
def test_text_of_which_nothing_remains_is_blank(text: str) -> None:
    with pytest.raises(UsageError, match="the text is blank"):
        Preparation().apply(text)


@pytest.mark.parametrize("text", ["(whispering)", "（低声）。", " (a) (b) …\n"])
def test_text_of_directions_only_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="only a stage direction") as raised:
        count_directions(text)
    assert "--literal" in str(raised.value.hint)


@pytest.mark.parametrize(
    ("text", "count"), [("Hello.", 0), ("...", 0), ("(a) b（c）", 2), ("a ((b) c)", 1), ("a (b", 0)]
)
def test_directions_are_counted(text: str, count: int) -> None:
    assert count_directions(text) == count


PIECES = st.lists(st.sampled_from(["(", ")", "（", "）", "a", " ", "b" * 999]), max_size=12)


@given(PIECES)
def test_directions_in_blocks_are_counted_like_those_of_the_whole_text(blocks: list[str]) -> None:
    counter = DirectionCounter()
    assert list(counter.passing(blocks)) == blocks
    assert counter.count == count_directions("heard" + "".join(blocks))
