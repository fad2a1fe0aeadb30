"""Where text may be cut, and how good each place is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stepcli.tasks.gaps import LINE_ENDS, SPOKEN, Gap, Rank, between
from stepcli.tasks.tokens import Kind, Token, tokens


class Boundary(NamedTuple):
    """A place for a cut: before the character at ``position``."""

    position: int
    rank: Rank


def boundaries(text: str, limit: int) -> Iterator[Boundary]:
    """The places strictly inside ``text`` where it may be cut, in order. Takes linear time.

    Neighbours are at most ``limit`` characters apart. What has at most ``limit`` characters and
    belongs together has no place inside; see ``tokens``.
    """
    reader = _Reader(text, limit)
    for token in tokens(text, limit):
        yield from reader.read(token)
    yield from reader.between_marks()


class _Reader:
    """Takes the tokens one by one and gives the places before each once they are known."""

    def __init__(self, text: str, limit: int) -> None:
        self._text, self._limit = text, limit
        self._before: Token | None = None
        self._marks: list[Token] = []
        self._quoted = self._opens_line = False

    def read(self, token: Token) -> Iterator[Boundary]:
        if token.kind in SPOKEN:
            yield from self._up_to(token)
            self._before, self._marks = token, []
        elif self._marks and token.end - self._marks[0].start > self._limit:
            yield from self.between_marks()
            self._before, self._marks = None, [token]
        else:
            self._marks.append(token)

    def _up_to(self, token: Token) -> Iterator[Boundary]:
        """The places up to ``token``, which ends a gap; one of them is good."""
        if self._before is not None and not self._marks:
            yield Boundary(token.start, between(self._before, token))
            self._opens_line = False
            return
        gap = Gap(self._text, self._before, self._marks, token, self._quoted, self._opens_line)
        good = gap.trailing()
        for number, mark in enumerate((*self._marks, token)):
            if mark.start > 0:
                yield Boundary(mark.start, gap.rank(good) if number == good else Rank.FORCED)
        kinds = {mark.kind for mark in self._marks}
        self._quoted = gap.quoted and Kind.PARAGRAPH not in kinds
        self._opens_line = self._before is None or not LINE_ENDS.isdisjoint(kinds)

    def between_marks(self) -> Iterator[Boundary]:
        """Places for want of a good one."""
        for mark in self._marks:
            if mark.start > 0:
                yield Boundary(mark.start, Rank.FORCED)
