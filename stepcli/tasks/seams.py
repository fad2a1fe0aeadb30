"""The words of neighbouring pieces put together, those that both have heard once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from stepcli.tasks.words import Span, Word, key

_APART = 1.0
"""Seconds by which two pieces may disagree on when a word was said."""
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def join(
    before: Sequence[Word], after: Sequence[Word], shared: Span
) -> tuple[Sequence[Word], Sequence[Word]]:
    """The words of two pieces, such that they can follow one another.

    Both have heard the ``shared`` seconds, which may be none. Of those, words are taken from
    ``before`` up to one in the middle that both have, and from ``after`` beyond it; where they
    have none in common, up to and beyond the middle.
    """
    if shared[0] < shared[1]:
        before, after = _once(before, after, shared)
    if before and after:
        first = replace(after[0], text=spaced(before[-1].text, after[0].text))
        after = [first, *after[1:]]
    return before, after


def _once(
    before: Sequence[Word], after: Sequence[Word], shared: Span
) -> tuple[Sequence[Word], Sequence[Word]]:
    middle = sum(shared) / 2
    first = next((i for i, word in enumerate(before) if word.end > shared[0]), len(before))
    last = next((i for i, word in enumerate(after) if word.start >= shared[1]), len(after))
    common = [(first + i, j) for i, j in _common(before[first:], after[:last])]
    if common:
        i, j = min(common, key=lambda pair: abs(_centre(before[pair[0]]) - middle))
        return before[: i + 1], after[j + 1 :]
    return (
        [word for word in before if _centre(word) < middle],
        [word for word in after if _centre(word) >= middle],
    )


def _common(one: Sequence[Word], other: Sequence[Word]) -> list[tuple[int, int]]:
    """Where both have the same word at about the same time, in order."""
    matcher = SequenceMatcher(
        None, [key(word.text) for word in one], [key(word.text) for word in other], autojunk=False
    )
    pairs = [
        (block.a + offset, block.b + offset)
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    ]
    return [(i, j) for i, j in pairs if abs(one[i].start - other[j].start) <= _APART]


def _centre(word: Word) -> float:
    return (word.start + word.end) / 2


def spaced(before: str, after: str) -> str:
    """``after`` with a space in front where ``before`` needs one; Chinese needs none."""
    if not before or before[-1].isspace() or after[:1].isspace():
        return after
    if _UNSPACED.match(before[-1]) and _UNSPACED.match(after):
        return after
    return f" {after}"
