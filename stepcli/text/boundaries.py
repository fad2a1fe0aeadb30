"""The places where text may be cut, ranked from sentence ends to single characters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import regex

from stepcli.text.tokens import BLANK, LINE_ENDS, SPOKEN, UNSPACED, Kind, Token, tokens


def _words(row: str) -> frozenset[str]:
    return frozenset(row.split())


# Abbreviations that stand before a name or an explanation.
_LEADING_ABBREVIATIONS = _words(
    "adm atty brig capt cdr cmdr col cpl dr dra drs gov hon lt maj messrs mlle mme mmes mr mrs ms"
    " mt prof profs revd sen sgt sra st supt approx ca cf eg ie e.g i.e viz vs z.b d.h bzw p.ex"
)

# The same, but only before a number: "No. 5" counts and "No. I will not." answers.
_NUMBERING = _words(
    "art ch chap cl eq eqs fig figs no nos nr num op p para pp pt pts sec sect tab vol vols"
)

# Abbreviations that may also end a sentence; the full stop is taken for theirs.
_TRAILING = _words(
    "al apr assn aug ave blvd bros co corp dec dept dist est etc feb inc jan jr jul jun llc ltd mar"
    " misc nov oct ph.d rd sep sept sq sr tel univ usw vgl"
)


def leads(word: str, following: str) -> bool:
    """Return whether ``word`` and its full stop belong to ``following``, the next word."""
    folded = word.casefold()
    if folded in _NUMBERING:
        return following[:1].isnumeric()
    return folded in _LEADING_ABBREVIATIONS or _is_initial(word, following)


def shortened(word: str) -> bool:
    """Return whether the full stop after ``word`` may be an abbreviation's: Inc., a.m., U.S.A."""
    return word.casefold() in _TRAILING or _is_dotted(word)


def _is_initial(word: str, following: str) -> bool:
    """Return whether ``word`` is an initial, as J. in "J. K. Rowling"; the pronoun I is not."""
    return len(word) == 1 and word.isupper() and word != "I" and following[:1].isupper()


def _is_dotted(word: str) -> bool:
    """Return whether ``word`` is made of single letters and full stops, as a.m and U.S.A."""
    return "." in word and all(len(part) == 1 and part.isalpha() for part in word.split("."))


_LEADING_KINDS = frozenset({Kind.DIRECTION, Kind.OPEN, Kind.OPENER})
_EITHER = frozenset({Kind.QUOTE, Kind.ELLIPSIS, Kind.DOT, Kind.DASH, Kind.SYMBOL})
_DOTS = frozenset({Kind.DOT, Kind.ELLIPSIS})
_BULLETS = frozenset({Kind.DASH, Kind.SYMBOL})

_STRAIGHT_QUOTES = '"＂'
_OPENING_QUOTES = "“‘«‹„‟‛"


@dataclass(slots=True)
class Gap:
    """The punctuation ``marks`` before ``after``.

    ``quoted`` says whether a straight quotation mark (") is open: before the gap at first, and
    after it once ``trailing`` has been called.
    """

    text: str
    marks: list[Token]
    after: Token
    quoted: bool

    def trailing(self) -> int:
        """Return how many of the marks stay with the text before the gap."""
        count, led = 0, False
        for number, mark in enumerate(self.marks):
            if mark.kind in BLANK:
                count = count if led else number + 1
                continue
            led = self._leads(number, led)
            if not led:
                count = number + 1
        return count

    def _leads(self, number: int, led: bool) -> bool:
        """Return whether a mark belongs to the next token; ``led``: whether the last mark does."""
        mark = self.marks[number]
        if mark.kind not in _EITHER:
            return mark.kind in _LEADING_KINDS
        if mark.kind is Kind.QUOTE:
            return self._opens(number, led)
        if mark.kind in _BULLETS and self._begins_line(number):
            return True
        ahead = self._touches_spoken if mark.kind in _DOTS else self._touches_next
        return ahead(number) and (led or not self._touches_last(number, led))

    def _opens(self, number: int, led: bool) -> bool:
        """Return whether a quotation mark opens, from the white space around it or its shape."""
        shape = self.text[self.marks[number].start]
        last, following = self._touches_last(number, led), self._touches_next(number)
        opens = shape in _OPENING_QUOTES or (shape in _STRAIGHT_QUOTES and not self.quoted)
        if last is not following:
            opens = following
        if shape in _STRAIGHT_QUOTES:
            self.quoted = opens
        return opens

    def _touches_last(self, number: int, led: bool) -> bool:
        if number == 0:
            return True
        last = self.marks[number - 1].kind
        return last not in BLANK and (not led or last is Kind.DIRECTION)

    def _touches_next(self, number: int) -> bool:
        return self._next(number).kind not in BLANK

    def _touches_spoken(self, number: int) -> bool:
        return self._next(number).kind in SPOKEN

    def _next(self, number: int) -> Token:
        return self.marks[number + 1] if number + 1 < len(self.marks) else self.after

    def _begins_line(self, number: int) -> bool:
        return number > 0 and self.marks[number - 1].kind in LINE_ENDS


class Rank(IntEnum):
    """The quality of a place for a cut, from worst to best."""

    FORCED = 0
    """Inside a token: only for a token that is longer than a piece may be."""
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
    """Return the rank of a place without punctuation, which depends on the scripts around it."""
    if before is after or after is Kind.HIRAGANA:
        return Rank.GRAPHEME if after in UNSPACED else Rank.FORCED
    return Rank.WORD if before in UNSPACED or after in UNSPACED else Rank.FORCED


def spaced(before: Kind, after: Kind) -> Rank:
    """Return the rank of a space; in Thai and similar scripts a space is a pause."""
    return Rank.CLAUSE if before in UNSPACED and after in UNSPACED else Rank.WORD


def leading(before: Kind) -> Rank:
    """Return the rank of a place whose marks all belong to the next token."""
    return Rank.WORD if before in UNSPACED else Rank.GRAPHEME


def clings(word: str, marks: list[Kind], following: str, *, opens_line: bool) -> bool:
    """Return whether ``word`` and ``marks`` belong to ``following``: "Dr. Smith", "1. First"."""
    if opens_line and marks in _ENUMERATING and _ENUMERATOR.fullmatch(word):
        return True
    return marks in _SHORTENING and leads(word, following)


def marked(word: str, marks: list[Kind], *, unspaced: bool, carries_on: bool) -> Rank:
    """Return the rank of a place after ``word`` and its trailing ``marks``.

    ``unspaced`` says that the text on one side is of a script without spaces; otherwise punctuation
    counts only with white space after it. ``carries_on`` says that a lower-case letter follows.
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
    """Return whether a sentence ends; the full stop of an abbreviation does not end it."""
    if marks[0] is Kind.DOT and shortened(word):
        marks = marks[1:]
    return not _ENDING.isdisjoint(marks)


class Boundary(NamedTuple):
    """A place for a cut, before the character at ``position``."""

    position: int
    rank: Rank


LONGEST_TOKEN = 100
"""Characters of a token of which no place inside is wanted, unless pieces have to be shorter."""


def sentence_ends(text: str) -> Iterator[int]:
    """Return the places inside ``text`` where a sentence ends, in order."""
    places = boundaries(text, LONGEST_TOKEN)
    return (place.position for place in places if place.rank >= Rank.SENTENCE)


def boundaries(text: str, limit: int) -> Iterator[Boundary]:
    """Return the places inside ``text`` where it may be cut, in order. Takes linear time.

    Neighbouring places are at most ``limit`` characters apart. A token of at most ``limit``
    characters has only FORCED places inside, or none; see ``tokens``.
    """
    reader = _Reader(text, limit)
    for token in tokens(text, limit):
        yield from reader.read(token)
    yield from reader.forced()


class _Reader:
    """A reader of tokens that yields the places in a gap once the gap is complete."""

    def __init__(self, text: str, limit: int) -> None:
        self._text, self._limit = text, limit
        self._before: Token | None = None
        self._marks: list[Token] = []
        self._quoted = False
        self._opens_line = False

    def read(self, token: Token) -> Iterator[Boundary]:
        if token.kind in SPOKEN:
            yield from self._places(token)
            self._before, self._marks = token, []
            return
        if len(self._marks) == self._limit:
            yield from self.forced()
            self._before, self._marks = None, []
        self._marks.append(token)

    def forced(self) -> Iterator[Boundary]:
        """Return the places between marks if the text after them is unknown."""
        for mark in self._marks:
            if mark.start > 0:
                yield Boundary(mark.start, Rank.FORCED)

    def _places(self, after: Token) -> Iterator[Boundary]:
        """Return the places from the last word up to ``after``."""
        if self._before and not self._marks:
            self._opens_line = False
            yield Boundary(after.start, unmarked(self._before.kind, after.kind))
            return
        gap = Gap(self._text, self._marks, after, self._quoted)
        count = gap.trailing()
        rank = self._rank(after, count)
        for number, mark in enumerate((*self._marks, after)):
            if mark.start > 0:
                yield Boundary(mark.start, rank if number == count else Rank.FORCED)
        self._remember(gap)

    def _rank(self, after: Token, count: int) -> Rank:
        """Return the rank of the place after the first ``count`` marks."""
        before, marks = self._before, [mark.kind for mark in self._marks]
        if before is None:
            return Rank.FORCED
        if marks == [Kind.SPACE]:
            return spaced(before.kind, after.kind)
        word = self._said(before)
        if clings(word, marks, self._said(after), opens_line=self._opens_line):
            return Rank.FORCED
        if count == 0:
            return leading(before.kind)
        unspaced = before.kind in UNSPACED or after.kind in UNSPACED
        carries_on = self._text[self._marks[count - 1].end].islower()
        return marked(word, marks[:count], unspaced=unspaced, carries_on=carries_on)

    def _remember(self, gap: Gap) -> None:
        kinds = {mark.kind for mark in gap.marks}
        self._quoted = gap.quoted and Kind.PARAGRAPH not in kinds
        self._opens_line = self._before is None or not LINE_ENDS.isdisjoint(kinds)

    def _said(self, token: Token) -> str:
        return self._text[token.start : token.end]
