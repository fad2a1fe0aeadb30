"""How good a place is for a cut."""

from __future__ import annotations

from enum import IntEnum

import regex

from stepcli.tasks import abbreviations
from stepcli.tasks.tokens import BLANK, UNSPACED, Kind


class Rank(IntEnum):
    """From the worst place to the best."""

    FORCED = 0
    """Between what belongs together: only for what is longer than a piece may be."""
    GRAPHEME = 1
    """Between characters of a script without spaces."""
    WORD = 2
    CLAUSE = 3
    SENTENCE = 4
    PARAGRAPH = 5


_ENDING = frozenset({Kind.DOT, Kind.STOP})
_PAUSING = frozenset({Kind.DASH, Kind.ELLIPSIS})

# The number of an item and what may stand after it: 1. First, A) First, 1、苹果
_ENUMERATOR = regex.compile(r"\p{Nd}{1,3}|[A-Za-z]")
_ENUMERATING = (
    [Kind.CLAUSE],
    [Kind.DOT],
    [Kind.DOT, Kind.SPACE],
    [Kind.CLOSE],
    [Kind.CLOSE, Kind.SPACE],
)
_SHORTENING = ([Kind.DOT], [Kind.DOT, Kind.SPACE], [Kind.DOT, Kind.LINE])


def unmarked(before: Kind, after: Kind) -> Rank:
    """Between two tokens that nothing parts their scripts decide."""
    if before is after or after is Kind.HIRAGANA:
        return Rank.GRAPHEME if after in UNSPACED else Rank.FORCED
    return Rank.WORD if before in UNSPACED or after in UNSPACED else Rank.FORCED


def spaced(before: Kind, after: Kind) -> Rank:
    """At a space, which is a pause in Thai and the like, where words have none between them."""
    return Rank.CLAUSE if before in UNSPACED and after in UNSPACED else Rank.WORD


def leading(before: Kind) -> Rank:
    """Where what leads to the next token touches the last."""
    return Rank.WORD if before in UNSPACED else Rank.GRAPHEME


def clings(word: str, marks: list[Kind], following: str, *, opens_line: bool) -> bool:
    """Whether the ``marks`` after ``word`` tie it to ``following``: "Dr. Smith", "1. First"."""
    if opens_line and marks in _ENUMERATING and _ENUMERATOR.fullmatch(word):
        return True
    return marks in _SHORTENING and abbreviations.leads(word, following)


def marked(word: str, marks: list[Kind], *, unspaced: bool, carries_on: bool) -> Rank:
    """After ``word`` with the ``marks`` that stay with it.

    ``unspaced``: the text on one side is of a script without spaces. Where it is on neither,
    punctuation counts only with white space after it. ``carries_on``: a small letter follows.
    """
    counts = unspaced or not BLANK.isdisjoint(marks)
    ended = counts and _ends(word, marks)
    if Kind.PARAGRAPH in marks or (ended and Kind.LINE in marks):
        return Rank.PARAGRAPH
    if ended and not carries_on:
        return Rank.SENTENCE
    paused = (counts and Kind.CLAUSE in marks) or not _PAUSING.isdisjoint(marks)
    if ended or paused or (Kind.LINE in marks and not carries_on):
        return Rank.CLAUSE
    return Rank.WORD


def _ends(word: str, marks: list[Kind]) -> bool:
    """Whether a sentence ends: not with an abbreviation's own full stop."""
    if marks[0] is Kind.DOT and abbreviations.shortened(word):
        marks = marks[1:]
    return not _ENDING.isdisjoint(marks)
