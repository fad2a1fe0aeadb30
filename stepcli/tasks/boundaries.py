"""Where text may be cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stepcli.tasks import ranks
from stepcli.tasks.gaps import Gap
from stepcli.tasks.ranks import Rank
from stepcli.tasks.tokens import LINE_ENDS, SPOKEN, UNSPACED, Kind, Token, tokens


class Boundary(NamedTuple):
    """A place for a cut: before the character at ``position``."""

    position: int
    rank: Rank


def boundaries(text: str, limit: int) -> Iterator[Boundary]:
    """The places strictly inside ``text`` where it may be cut, in order. Takes linear time.

    Neighbours are at most ``limit`` characters apart. What belongs together and has at most
    ``limit`` characters has only FORCED places inside, or none at all; see ``tokens``.
    """
    reader = _Reader(text, limit)
    for token in tokens(text, limit):
        yield from reader.read(token)
    yield from reader.forced()


class _Reader:
    """Takes the tokens one by one and gives the places in a gap once it is whole."""

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
        """The places between marks, with nothing known of what follows."""
        for mark in self._marks:
            if mark.start > 0:
                yield Boundary(mark.start, Rank.FORCED)

    def _places(self, after: Token) -> Iterator[Boundary]:
        """The places from the last word up to ``after``; one of them is good."""
        if self._before and not self._marks:
            self._opens_line = False
            yield Boundary(after.start, ranks.unmarked(self._before.kind, after.kind))
            return
        gap = Gap(self._text, self._marks, after, self._quoted)
        count = gap.trailing()
        rank = self._rank(after, count)
        for number, mark in enumerate((*self._marks, after)):
            if mark.start > 0:
                yield Boundary(mark.start, rank if number == count else Rank.FORCED)
        self._remember(gap)

    def _rank(self, after: Token, count: int) -> Rank:
        """How good the place after the first ``count`` marks is."""
        before, marks = self._before, [mark.kind for mark in self._marks]
        if before is None:
            return Rank.FORCED
        if marks == [Kind.SPACE]:
            return ranks.spaced(before.kind, after.kind)
        word = self._said(before)
        if ranks.clings(word, marks, self._said(after), opens_line=self._opens_line):
            return Rank.FORCED
        if count == 0:
            return ranks.leading(before.kind)
        unspaced = before.kind in UNSPACED or after.kind in UNSPACED
        carries_on = self._text[self._marks[count - 1].end].islower()
        return ranks.marked(word, marks[:count], unspaced=unspaced, carries_on=carries_on)

    def _remember(self, gap: Gap) -> None:
        kinds = {mark.kind for mark in gap.marks}
        self._quoted = gap.quoted and Kind.PARAGRAPH not in kinds
        self._opens_line = self._before is None or not LINE_ENDS.isdisjoint(kinds)

    def _said(self, token: Token) -> str:
        return self._text[token.start : token.end]
