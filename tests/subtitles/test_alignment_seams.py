"""Adjacent pieces that share some seconds are joined without losing or doubling words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stepcli.subtitles.alignment import Word, join

NOTHING = (10.0, 10.0)


def _spoken(text: str, start: float, step: float = 1.0) -> list[Word]:
    return [
        Word(f" {word}" if i else word, start + i * step, start + i * step + 0.8 * step)
        for i, word in enumerate(text.split())
    ]


def _text(joined: tuple[Sequence[Word], Sequence[Word]]) -> str:
    return "".join(word.text for words in joined for word in words)


def test_pieces_without_overlap_are_joined_by_a_space() -> None:
    """Chinese needs none."""
    assert _text(join(_spoken("one two", 0), _spoken("three", 10), NOTHING)) == "one two three"
    assert _text(join([Word("你", 0, 1)], [Word("好", 10, 11)], NOTHING)) == "你好"
    assert _text(join([Word("你。", 0, 1)], [Word("OK", 10, 11)], NOTHING)) == "你。 OK"


@pytest.mark.parametrize(("before", "after"), [("", "a b"), ("a b", ""), ("", "")])
def test_piece_without_words_changes_nothing(before: str, after: str) -> None:
    assert _text(join(_spoken(before, 0), _spoken(after, 20), (18.0, 20.0))) == before + after


def test_shared_words_occur_once() -> None:
    """Incomplete words at the edges are dropped."""
    before = _spoken("a b c d e f g hal", 0)
    after = _spoken("ut e f g half h i", 3.9)
    assert _text(join(before, after, (3.5, 7.6))) == "a b c d e f g half h i"


def test_times_of_shared_words_may_differ_slightly() -> None:
    joined = join(_spoken("a b c d", 0), _spoken("C, d e", 2.4), (2.0, 4.0))
    assert _text(joined) == "a b c d e"
    starts = [word.start for words in joined for word in words]
    assert starts == sorted(starts)


def test_repeated_word_is_kept() -> None:
    joined = join(_spoken("no no no x", 0, 2), _spoken("y no no", 6, 2), (6.0, 8.0))
    assert _text(joined) in ("no no no x no no", "no no no y no no")


def test_pieces_without_shared_words_meet_in_the_middle() -> None:
    joined = join(_spoken("a b c d", 0), _spoken("x y z", 2.1), (2.0, 4.0))
    assert _text(joined) == "a b c y z"
