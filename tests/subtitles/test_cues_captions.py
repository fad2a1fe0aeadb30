"""Cues from spoken sentences: in order, and covering all audio."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.subtitles.cues import captions
from stepcli.subtitles.formats import Cue, Sentence


def in_a_row(*reported: tuple[str, float]) -> list[Sentence]:
    """Return consecutive sentences with these lengths in seconds."""
    sentences, start = [], 0.0
    for text, seconds in reported:
        sentences.append(Sentence(text, start, start + seconds))
        start += seconds
    return sentences


def test_a_short_sentence_is_a_cue() -> None:
    reported = in_a_row(("Hello there.", 1.0), (" 你好！", 0.5))
    assert captions(reported) == [Cue(0.0, 1.0, "Hello there."), Cue(1.0, 1.5, "你好！")]


ENGLISH = "Nobody knows how long a sentence can be, if it ever ends, before it does, "
CHINESE = "没有人知道一句话在结束之前可以有多长，如果它真的会结束的话，"


@pytest.mark.parametrize(("text", "width"), [(ENGLISH * 3, 42), (CHINESE * 4, 40)])
def test_a_long_sentence_is_cues_of_two_lines(text: str, width: int) -> None:
    reported = captions(in_a_row((text, 30.0)))
    assert len(reported) > 2
    for cue in reported:
        rows = cue.text.split("\n")
        assert len(rows) <= 2
        assert all(_columns(row) <= width for row in rows)
    assert "".join("".join(cue.text.split()) for cue in reported) == "".join(text.split())


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def test_directions_are_not_read() -> None:
    assert [cue.text for cue in captions(in_a_row(("(softly) Hello.（笑）", 1.0)))] == ["Hello."]


def test_what_has_no_words_leaves_no_gap() -> None:
    reported = in_a_row(
        ("(sigh)", 0.5), ("One.", 1.0), ("", 0.4), ("Two.", 1.0), ("…", 0.3), ("", 0.2)
    )
    found = captions(reported)
    assert [(cue.start, cue.text) for cue in found[:2]] == [(0.0, "One."), (1.5, "Two.")]
    assert found[-1].end == pytest.approx(3.4)


def test_nothing_said_is_nothing_to_read() -> None:
    assert captions([]) == []
    assert captions(in_a_row(("(sigh)", 0.5))) == []


@given(
    st.lists(
        st.tuples(st.text(max_size=300), st.floats(0, 40, allow_nan=False)), min_size=1, max_size=8
    )
)
def test_cues_are_in_order_and_cover_the_sound(reported: list[tuple[str, float]]) -> None:
    sentences = in_a_row(*reported)
    found = captions(sentences)
    for one, following in pairwise(found):
        assert one.start < one.end <= following.start + 1e-9
    if found:
        assert found[-1].end == sentences[-1].end
