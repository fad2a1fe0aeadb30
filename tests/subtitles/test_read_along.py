"""Text on a screen: places of words, and lines of a width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.subtitles.alignment import Word
from stepcli.subtitles.read_along import Span, places, printable, sentences, wrapped
from stepcli.text.characters import columns


def test_places_skip_stage_directions() -> None:
    text = "(softly) Hello（笑）there."
    words = [Word(" Hello", 0.5, 1), Word("there.", 1, 2)]
    found = [
        (one.seconds, text[one.span.start - 7 : one.span.end - 7]) for one in places(text, words, 7)
    ]
    assert found == [(0.5, "Hello"), (1, "there.")]


def test_words_that_are_not_in_the_text_have_no_place() -> None:
    assert [one.span for one in places("One", [Word("One", 0, 1), Word(" two", 1, 2)])] == [
        Span(0, 3)
    ]


def test_sentences_have_no_white_space_around_them() -> None:
    text = " One is here.  Two!\n\n今天。好 "
    assert [text[slice(*span)] for span in sentences(text)] == [
        "One is here.",
        "Two!",
        "今天。",
        "好",
    ]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("今天天气真好，我们走。", 8, ["今天天气", "真好，我", "们走。"]),
        ("one\n\ntwo", 20, ["one", "two"]),
        ("abcdefghij kl", 4, ["abcd", "efgh", "ij", "kl"]),
        (" ", 4, []),
    ],
)
def test_lines_break_at_words(text: str, width: int, lines: list[str]) -> None:
    assert [text[slice(*line)].rstrip() for line in wrapped(text, width)] == lines


@given(st.text(st.sampled_from("ab ,.今天（笑）\n\u0301ا"), max_size=80), st.integers(2, 12))
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = [text[slice(*line)] for line in wrapped(text, width)]
    assert all(columns(line.rstrip()) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_control_characters_are_spaces() -> None:
    assert printable("a\x1b[31m\u202e\n👩\u200d👩") == "a [31m \n👩\u200d👩"
