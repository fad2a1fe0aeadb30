"""Subtitle cues: sentences, pauses, lines and seconds."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.subtitles.alignment import Word, words
from stepcli.subtitles.cues import cues, wrap
from stepcli.subtitles.formats import DEFAULT_STYLE, Cue, CueStyle
from tests.support.growth import LINEAR, growth

TALE = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the "
    "age of foolishness, it was the epoch of belief, it was the epoch of incredulity. Mr. Dickens "
    "wrote it! Did he? 那是最美好的时代，那是最糟糕的时代，那是智慧的年头，那是愚昧的年头。"
)


def _spoken(text: str, step: float = 0.3) -> list[Word]:
    return words(text, (), step * len(text.split()))


def _width(line: str) -> float:
    """Return the width of a line in Latin characters, of which 42 are as wide as 20 Chinese."""
    return sum(2.1 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _lines(cue: Cue, style: CueStyle = DEFAULT_STYLE) -> list[str]:
    return wrap([cue], style)[0].text.split("\n")


def _check(found: list[Cue], text: str, style: CueStyle = DEFAULT_STYLE) -> None:
    assert "".join("".join(cue.text.split()) for cue in found) == "".join(text.split())
    for cue in found:
        lines = _lines(cue, style)
        assert 1 <= len(lines) <= style.lines
        assert all(_width(line) <= style.line_width + 0.001 for line in lines), lines
        assert " ".join(lines).replace(" ", "") == cue.text.replace(" ", "")
        assert 0 < cue.end - cue.start <= style.seconds + 0.001
        assert "".join("".join(word.text.split()) for word in cue.words) == cue.text.replace(
            " ", ""
        )
        times = [time for word in cue.words for time in (word.start, word.end)]
        assert times == sorted(times)
        assert cue.start <= times[0] <= times[-1] <= cue.end
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_sentence_ends_a_cue() -> None:
    """A title or an initial does not."""
    found = cues(_spoken("Dr. J. Doe came. Did he? 是的。好！ Yes"))
    assert [cue.text for cue in found] == ["Dr. J. Doe came.", "Did he?", "是的。", "好！", "Yes"]


def test_pause_ends_a_cue() -> None:
    found = cues([Word("one", 0, 1), Word(" two", 1.2, 2), Word(" three", 3, 4)])
    assert [(cue.start, cue.end, cue.text) for cue in found] == [(0, 2, "one two"), (3, 4, "three")]


def test_long_sentence_is_split_at_a_clause() -> None:
    """The two lines are about equal."""
    found = cues(_spoken(TALE))
    _check(found, TALE)
    assert found[0].text.endswith("the age of wisdom,")
    first, second = _lines(found[0])
    assert abs(len(first) - len(second)) < 8


def test_cue_ends_after_seven_seconds() -> None:
    found = cues(_spoken("one two three four five six seven eight", 2.0))
    assert len(found) == 3
    _check(found, "onetwothreefourfivesixseveneight")


def test_chinese_lines_have_twenty_characters() -> None:
    """No spaces are added."""
    text = "那是最美好的时代" * 12
    found = cues(words(text, (), 12.0))
    _check(found, text)
    assert max(len(line) for cue in found for line in _lines(cue)) == 20


def test_word_wider_than_a_line_is_split() -> None:
    text = f"See {'x' * 130} and 长{'长' * 55}"
    _check(cues(_spoken(text)), text)


def test_cues_do_not_start_together() -> None:
    found = cues([Word("One.", 1, 1), Word(" Two.", 1, 1), Word(" Three.", 1, 1.5)])
    _check(found, "One.Two.Three.")


def test_implausibly_long_word_is_shown_for_seven_seconds() -> None:
    found = cues([Word("Well", 0, 60), Word(" then.", 60, 61)])
    _check(found, "Wellthen.")
    assert found[1].start == 60


def test_line_breaks_of_the_service_are_removed() -> None:
    """A paragraph ends a cue."""
    found = cues(_spoken("one\ntwo\u2028three\r\n\r\nfour"))
    assert [cue.text for cue in found] == ["one two three", "four"]


WORDS = st.lists(
    st.tuples(
        st.text(st.sampled_from("abc.,!你好。，- "), min_size=1), st.floats(0, 9), st.floats(0, 9)
    )
)


STYLES = st.builds(CueStyle, st.integers(5, 60), st.integers(1, 4), st.floats(0.5, 20))


@given(WORDS, STYLES)
def test_any_words_keep_the_limits_and_lose_nothing(
    parts: list[tuple[str, float, float]], style: CueStyle
) -> None:
    spoken, now = [], 0.0
    for text, gap, length in parts:
        now += gap
        spoken.append(Word(text, now, now + length))
    found = cues((word for word in spoken if word.text.strip()), style)
    _check(found, "".join(text for text, _, _ in parts), style)


def test_cue_has_its_words_without_white_space() -> None:
    spoken = [Word("Good", 1, 1.5), Word(" morning.", 1.5, 2), Word(" 你", 2, 2.2)]
    assert [cue.words for cue in cues(spoken)] == [
        (Word("Good", 1, 1.5), Word("morning.", 1.5, 2)),
        (Word("你", 2, 2.2),),
    ]


def test_words_do_not_outlast_their_cue() -> None:
    found = cues([Word("Well", 0, 60), Word(" then.", 60, 61)])
    assert found[0].words == (Word("Well", 0, 7),)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (CueStyle(line_width=12), ["one two three", "four five"]),
        (CueStyle(lines=1, line_width=10), ["one two", "three", "four five"]),
        (CueStyle(seconds=1.0), ["one two three", "four five"]),
    ],
)
def test_style_limits_cues(style: CueStyle, expected: list[str]) -> None:
    assert [cue.text for cue in cues(_spoken("one two three four five"), style)] == expected


def test_lines_of_a_cue_are_about_equal() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    assert [wrapped.text for wrapped in wrap([Cue(0, 1, text)], CueStyle(24, 3))] == [
        "one two three four\nfive six seven eight\nnine ten eleven twelve"
    ]


@pytest.mark.parametrize("pattern", ["a-.", "+-", "(", "a", "a ", "\u0301", "一", "เ", "a. "])
@pytest.mark.parametrize("seconds", [0.3, 10.0])
def test_time_is_linear_in_the_length_of_any_text(pattern: str, seconds: float) -> None:
    """Also of one that lasts so long that each letter is a cue."""

    def shape(text: str) -> list[Cue]:
        return cues([Word(text, 0.0, seconds * len(text))])

    assert growth(shape, pattern) < LINEAR


def test_long_word_is_one_cue_and_short_ones_share() -> None:
    spoken = [Word("a", 0, 1), Word(" bb", 1, 3), Word(" slow", 3, 23), Word(" d", 23, 24)]
    assert [cue.text for cue in cues(spoken)] == ["a bb", "slow", "d"]


def test_speakers_have_cues_of_their_own_with_room_for_the_name() -> None:
    texts = [("Ann", "One two three four five."), ("Ben", " Six."), (None, " Seven.")]
    spoken = [Word(text, at, at + 1, speaker) for at, (speaker, text) in enumerate(texts)]
    style = CueStyle(line_width=24, lines=1)
    assert [(cue.speaker, cue.text) for cue in cues(spoken, style)] == [
        ("Ann", "One two three"),
        ("Ann", "four five."),
        ("Ben", "Six."),
        (None, "Seven."),
    ]
