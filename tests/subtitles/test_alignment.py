"""Alignment of the final text with deltas that may differ from it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.api.recognition import TranscriptDelta
from stepcli.subtitles.alignment import Word, join, key, tokenise, words
from tests.support.growth import LINEAR, growth

HELLO = (
    TranscriptDelta("Hello,", 0.1, 0.5),
    TranscriptDelta(" big", 0.6, 0.8),
    TranscriptDelta(" world.", 1.0, 1.5),
)


def _times(found: list[Word]) -> list[tuple[float, float]]:
    return [(round(word.start, 3), round(word.end, 3)) for word in found]


def test_words_have_the_times_of_their_deltas() -> None:
    found = words("Hello, big world.", HELLO, 2.0)
    assert [word.text for word in found] == ["Hello,", " big", " world."]
    assert _times(found) == [(0.1, 0.5), (0.6, 0.8), (1.0, 1.5)]


def test_white_space_does_not_matter() -> None:
    bare = [TranscriptDelta(delta.text.strip(), delta.start, delta.end) for delta in HELLO]
    assert _times(words("Hello,\n big  world. ", bare, 2.0)) == [(0.1, 0.5), (0.6, 0.8), (1.0, 1.5)]


def test_word_in_several_deltas_lasts_from_the_first_to_the_last() -> None:
    parts = [
        TranscriptDelta("un", 0.0, 0.2),
        TranscriptDelta("believ", 0.2, 0.4),
        TranscriptDelta("able", 0.4, 0.9),
    ]
    assert _times(words("unbelievable", parts, 1.0)) == [(0.0, 0.9)]


def test_words_of_one_delta_share_its_time_by_length() -> None:
    found = words("aaaa bb", [TranscriptDelta("aaaa bb", 1.0, 1.6)], 2.0)
    assert _times(found) == [(1.0, 1.4), (1.4, 1.6)]


def test_words_missing_from_the_deltas_are_interpolated() -> None:
    found = words("Hello, very big new world.", HELLO, 2.0)
    assert _times(found) == [(0.1, 0.5), (0.5, 0.6), (0.6, 0.8), (0.8, 1.0), (1.0, 1.5)]


def test_figures_have_the_time_of_their_words() -> None:
    spoken = [
        TranscriptDelta("it's", 0.0, 0.3),
        TranscriptDelta(" twenty", 0.4, 0.7),
        TranscriptDelta(" five", 0.8, 1.0),
    ]
    found = words("It's 25.", spoken, 1.5)
    assert _times(found) == [(0.0, 0.3), (0.3, 1.5)]


def test_chinese_characters_are_words() -> None:
    """Punctuation belongs to the character before."""
    found = words(
        "你好，世界。",
        [TranscriptDelta("你好", 0.0, 0.4), TranscriptDelta("，世界。", 0.6, 1.4)],
        2.0,
    )
    assert [word.text for word in found] == ["你", "好，", "世", "界。"]
    assert [round(word.start, 2) for word in found] == [0.0, 0.2, 0.6, 1.0]


@pytest.mark.parametrize("deltas", [(), (TranscriptDelta("Hello"), TranscriptDelta(" world."))])
def test_words_share_the_duration_if_there_are_no_times(
    deltas: tuple[TranscriptDelta, ...],
) -> None:
    assert _times(words("Hello worl.", deltas, 1.1)) == [(0.0, 0.5), (0.5, 1.1)]


def test_invalid_times_are_corrected() -> None:
    """Times never decrease and stay within the duration."""
    deltas = [
        TranscriptDelta("a", 5.0, 9.0),
        TranscriptDelta(" b", 1.0, 2.0),
        TranscriptDelta(" c", 90.0, 99.0),
    ]
    assert _times(words("a b c", deltas, 10.0)) == [(5.0, 9.0), (5.0, 5.0), (10.0, 10.0)]


def test_repetitive_text_takes_linear_time() -> None:
    text = "今天天气很好，我们去公园散步吧。" * 500
    deltas = [TranscriptDelta(character, i / 5, i / 5 + 0.2) for i, character in enumerate(text)]
    found = words(text.replace("散步", "溜达"), deltas, 1600.0)
    assert len(found) == len(tokenise(text))


TEXT = st.text(st.sampled_from("ab 你好，。「」.!\n-")) | st.text()
TIME = st.none() | st.floats(0, 100)
DELTAS = st.lists(st.builds(TranscriptDelta, TEXT, TIME, TIME), max_size=8)


@given(TEXT, DELTAS)
def test_any_text_is_complete_and_in_order(text: str, deltas: list[TranscriptDelta]) -> None:
    found = words(text, deltas, 60.0)
    assert "".join(word.text for word in found) == (text if text.strip() else "")
    starts = [word.start for word in found]
    assert starts == sorted(starts)
    assert all(0 <= word.start <= word.end <= 60 for word in found)


@pytest.mark.parametrize("extra", ["", "More. "])
@pytest.mark.parametrize("mark", ["， ", ", ", " \u2014 ", "... ", " “"])
def test_punctuation_before_a_word_takes_none_of_its_time(mark: str, extra: str) -> None:
    """Whether or not the text is that of the deltas."""
    deltas = [
        TranscriptDelta("x", 0.0, 0.4),
        TranscriptDelta(f"{mark}y", 0.5, 0.9),
        TranscriptDelta(f"{mark}z", 1.0, 1.4),
    ]
    found = words(f"{extra}x{mark}y{mark}z", deltas, 2.0)
    starts = {key(word.text): word.start for word in found}
    assert (starts["y"], starts["z"]) == (0.5, 1.0)


@pytest.mark.parametrize(
    "pattern", ["(", "“", "（", "a(", "\n ", "\r\n", "\u00a0", "a", "a ", "一", "，", "a-.", "เ"]
)
def test_time_is_linear_in_the_length_of_any_text(pattern: str) -> None:
    assert (
        growth(lambda text: words(text, [TranscriptDelta(text, 0.0, 9.0)], 10.0), pattern) < LINEAR
    )


NOTHING = (10.0, 10.0)


def _spaced_words(text: str, start: float, step: float = 1.0) -> list[Word]:
    return [
        Word(f" {word}" if i else word, start + i * step, start + i * step + 0.8 * step)
        for i, word in enumerate(text.split())
    ]


def _text(joined: tuple[Sequence[Word], Sequence[Word]]) -> str:
    return "".join(word.text for words in joined for word in words)


def test_pieces_without_overlap_are_joined_by_a_space() -> None:
    """Chinese needs none."""
    assert (
        _text(join(_spaced_words("one two", 0), _spaced_words("three", 10), NOTHING))
        == "one two three"
    )
    assert _text(join([Word("你", 0, 1)], [Word("好", 10, 11)], NOTHING)) == "你好"
    assert _text(join([Word("你。", 0, 1)], [Word("OK", 10, 11)], NOTHING)) == "你。 OK"


@pytest.mark.parametrize(("before", "after"), [("", "a b"), ("a b", ""), ("", "")])
def test_piece_without_words_changes_nothing(before: str, after: str) -> None:
    assert (
        _text(join(_spaced_words(before, 0), _spaced_words(after, 20), (18.0, 20.0)))
        == before + after
    )


def test_shared_words_occur_once() -> None:
    """Incomplete words at the edges are dropped."""
    before = _spaced_words("a b c d e f g hal", 0)
    after = _spaced_words("ut e f g half h i", 3.9)
    assert _text(join(before, after, (3.5, 7.6))) == "a b c d e f g half h i"


def test_times_of_shared_words_may_differ_slightly() -> None:
    joined = join(_spaced_words("a b c d", 0), _spaced_words("C, d e", 2.4), (2.0, 4.0))
    assert _text(joined) == "a b c d e"
    starts = [word.start for words in joined for word in words]
    assert starts == sorted(starts)


def test_repeated_word_is_kept() -> None:
    joined = join(_spaced_words("no no no x", 0, 2), _spaced_words("y no no", 6, 2), (6.0, 8.0))
    assert _text(joined) in ("no no no x no no", "no no no y no no")


def test_piece_without_words_leaves_the_other_complete() -> None:
    """Also within the shared seconds."""
    words = _spaced_words("x y z", 2.1)
    assert join([], words, (2.0, 4.0)) == ([], words)
    assert join(words, [], (2.0, 4.0)) == (words, [])


def test_pieces_without_shared_words_meet_in_the_middle() -> None:
    joined = join(_spaced_words("a b c d", 0), _spaced_words("x y z", 2.1), (2.0, 4.0))
    assert _text(joined) == "a b c y z"
