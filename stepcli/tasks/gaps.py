"""The gap between two words, or two characters of a script without spaces: where it is to be cut.

In a gap stand punctuation, white space, symbols and directions. What trails, such as a full stop, a
closing quotation mark or white space, stays with the text before it; what leads, such as an opening
bracket or a direction, goes with the text after it. Between the two is the one good place to cut.
"""

from __future__ import annotations

from dataclasses import dataclass

from stepcli.tasks.tokens import BLANK, LINE_ENDS, SPOKEN, Kind, Token

_LEADING = frozenset({Kind.DIRECTION, Kind.OPEN, Kind.OPENER})
_EITHER = frozenset({Kind.QUOTE, Kind.ELLIPSIS, Kind.DOT, Kind.DASH, Kind.SYMBOL})
_DOTS = frozenset({Kind.DOT, Kind.ELLIPSIS})
_BULLETS = frozenset({Kind.DASH, Kind.SYMBOL})

_STRAIGHT_QUOTES = '"＂'
_OPENING_QUOTES = "“‘«‹„‟‛"


@dataclass(slots=True)
class Gap:
    """The ``marks`` before ``after``.

    ``quoted`` says whether a straight quotation mark (") is open, before the gap at first and after
    it once ``trailing`` has been asked for.
    """

    text: str
    marks: list[Token]
    after: Token
    quoted: bool

    def trailing(self) -> int:
        """How many of the marks stay with what is before."""
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
