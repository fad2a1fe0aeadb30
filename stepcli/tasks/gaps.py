"""The gap between two words, or two characters of a script without spaces: where to cut, how well.

In a gap stand punctuation, white space, symbols and directions. What trails, such as a full stop, a
closing quotation mark or white space, stays with the text before it; what leads, such as an opening
bracket or a direction, goes with the text after it. Between the two is the one good place to cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import regex

from stepcli.tasks import abbreviations
from stepcli.tasks.tokens import Kind, Token


class Rank(IntEnum):
    """How good a place is for a cut, from the worst to the best."""

    FORCED = 0
    """Between what should stay together: only for what is longer than a piece may be."""
    GRAPHEME = 1
    """Between characters of a script without spaces."""
    WORD = 2
    CLAUSE = 3
    SENTENCE = 4
    PARAGRAPH = 5


UNSPACED = frozenset({Kind.HAN, Kind.HIRAGANA, Kind.KATAKANA, Kind.COMPLEX})
SPOKEN = UNSPACED | {Kind.WORD, Kind.URL}

LINE_ENDS = frozenset({Kind.LINE, Kind.PARAGRAPH})
_LEADING = frozenset({Kind.DIRECTION, Kind.OPEN, Kind.OPENER})
_EITHER = frozenset({Kind.QUOTE, Kind.ELLIPSIS, Kind.DOT, Kind.DASH, Kind.SYMBOL})
_DOTS = frozenset({Kind.DOT, Kind.ELLIPSIS})
_BULLETS = frozenset({Kind.DASH, Kind.SYMBOL})

_ENUMERATING = frozenset({Kind.DOT, Kind.CLAUSE, Kind.CLOSE})
_ENDING = frozenset({Kind.DOT, Kind.STOP})
_PAUSING = frozenset({Kind.DASH, Kind.ELLIPSIS, Kind.LINE})
_BLANK = frozenset({Kind.SPACE, Kind.LINE, Kind.PARAGRAPH})

_STRAIGHT_QUOTES = '"＂'
_OPENING_QUOTES = "“‘«‹„‟‛"
_ENUMERATOR = regex.compile(r"\p{Nd}{1,3}|\p{L}")


@dataclass(slots=True)
class Gap:
    """``marks`` stand between ``before`` and ``after``; ``before`` is None where the text begins.

    ``quoted`` says whether a straight quotation mark (") is open before the gap; ``opens_line``,
    whether ``before`` is the first word of its line.
    """

    text: str
    before: Token | None
    marks: list[Token]
    after: Token
    quoted: bool
    opens_line: bool

    def trailing(self) -> int:
        """How many of the marks stay with what is before. Leaves ``quoted`` as it is after them."""
        count, led = 0, False
        for number, mark in enumerate(self.marks):
            if mark.kind in _BLANK:
                count = count if led else number + 1
                continue
            led = self._leads(number, led)
            if not led:
                count = number + 1
        return count

    def _leads(self, number: int, led: bool) -> bool:
        """Whether a mark goes with what follows; ``led``: whether the one before it does."""
        mark = self.marks[number]
        if mark.kind not in _EITHER:
            return mark.kind in _LEADING
        if mark.kind is Kind.QUOTE:
            return self._opens(number, led)
        if mark.kind in _BULLETS and self._begins_line(number):
            return True
        ahead = self._touches_spoken if mark.kind in _DOTS else self._touches_next
        return ahead(number) and (led or not self._touches_last(number, led))

    def _opens(self, number: int, led: bool) -> bool:
        """Whether a quotation mark opens: by the white space around it, else by its shape."""
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
            return self.before is not None
        last = self.marks[number - 1].kind
        return last not in _BLANK and (not led or last is Kind.DIRECTION)

    def _touches_next(self, number: int) -> bool:
        return self._next(number).kind not in _BLANK

    def _touches_spoken(self, number: int) -> bool:
        return self._next(number).kind in SPOKEN

    def _next(self, number: int) -> Token:
        return self.marks[number + 1] if number + 1 < len(self.marks) else self.after

    def _begins_line(self, number: int) -> bool:
        return number > 0 and self.marks[number - 1].kind in LINE_ENDS

    def rank(self, count: int) -> Rank:
        """How good the place after the first ``count`` marks is."""
        if self.before is None or self._clings(self.before):
            return Rank.FORCED
        if count == 0:
            return self._rank_unmarked(self.before)
        return self._rank_marked(self.before, self.marks[:count])

    def _clings(self, before: Token) -> bool:
        """Whether the full stop or the like after ``before`` ties it to what follows: Dr. Smith."""
        if not self.marks or before.kind is not Kind.WORD:
            return False
        mark, *others = (mark.kind for mark in self.marks)
        if self.opens_line and mark in _ENUMERATING and others in ([], [Kind.SPACE]):
            return _ENUMERATOR.fullmatch(self.text, before.start, before.end) is not None
        if mark is Kind.DOT and others in ([], [Kind.SPACE], [Kind.LINE]):
            return abbreviations.leads(self._said(before), self._said(self.after))
        return False

    def _said(self, token: Token) -> str:
        return self.text[token.start : token.end]

    def _rank_unmarked(self, before: Token) -> Rank:
        if not self._unspaced(before):
            return Rank.GRAPHEME if self.marks else Rank.FORCED
        return Rank.WORD if self.marks else between(before, self.after)

    def _rank_marked(self, before: Token, trailing: list[Token]) -> Rank:
        kinds = {mark.kind for mark in trailing}
        ended = self._ended(before, trailing)
        if Kind.PARAGRAPH in kinds or (ended and Kind.LINE in kinds):
            return Rank.PARAGRAPH
        if ended:
            goes_on = self.text[self.after.start].islower()
            return Rank.CLAUSE if goes_on else Rank.SENTENCE
        return Rank.CLAUSE if self._pauses(before, kinds) else Rank.WORD

    def _ended(self, before: Token, trailing: list[Token]) -> bool:
        """Whether a sentence ends here."""
        kinds = [mark.kind for mark in trailing]
        if kinds[0] is Kind.DOT and abbreviations.shortened(self._said(before)):
            del kinds[0]
        return not _ENDING.isdisjoint(kinds) and self._is_loose(before, kinds)

    def _pauses(self, before: Token, kinds: set[Kind]) -> bool:
        if kinds == {Kind.SPACE}:
            return before.kind in UNSPACED and self.after.kind in UNSPACED
        if Kind.CLAUSE in kinds and self._is_loose(before, kinds):
            return True
        return not _PAUSING.isdisjoint(kinds)

    def _is_loose(self, before: Token, kinds: Iterable[Kind]) -> bool:
        """Whether punctuation counts: between two spaced words it does with a space after it."""
        return self._unspaced(before) or not _BLANK.isdisjoint(kinds)

    def _unspaced(self, before: Token) -> bool:
        return before.kind in UNSPACED or self.after.kind in UNSPACED


def between(before: Token, after: Token) -> Rank:
    """How good the place between two tokens is that nothing parts: their scripts decide."""
    if before.kind is after.kind or after.kind is Kind.HIRAGANA:
        return Rank.GRAPHEME if after.kind in UNSPACED else Rank.FORCED
    return Rank.WORD if UNSPACED & {before.kind, after.kind} else Rank.FORCED
