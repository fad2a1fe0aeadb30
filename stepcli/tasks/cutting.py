"""Cuts a long text into pieces that can each be spoken on its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain

from stepcli.tasks.boundaries import Boundary, Rank, boundaries, graphemes

# How much of a piece there must be before a cut of that rank is taken for lack of a better one.
_ENOUGH = {
    Rank.END: 0.0,
    Rank.PARAGRAPH: 0.6,
    Rank.SENTENCE: 0.2,
    Rank.CLAUSE: 0.2,
    Rank.WORD: 0.0,
    Rank.INSIDE: 0.0,
}


def cut(text: str, limit: int, first: int | None = None) -> list[str]:
    """Pieces of ``text`` of at most ``limit`` characters; joined they are the text.

    The cuts are at paragraph or sentence ends, else between clauses, else between words, and never
    inside a grapheme, a number, a URL or a ``(direction)`` unless that alone is over the limit. A
    direction stays with what follows it. The first piece has at most ``first`` characters, where
    the text allows.
    """
    return list(pieces(text, limit, first))


def pieces(text: str, limit: int, first: int | None = None) -> Iterator[str]:
    """As ``cut``, a piece as soon as it is found."""
    start, goal = 0, min(first or limit, limit)
    ahead: list[Boundary] = []
    for boundary in chain(_within_reach(text, limit), [_BEYOND]):
        while ahead and boundary.position - start > goal:
            end = _best(ahead, start, goal)
            yield text[start:end]
            start, goal = end, limit
            ahead = [one for one in ahead if one.position > start]
        ahead.append(boundary)


_BEYOND = Boundary(sys.maxsize, Rank.NEVER)


def _best(ahead: list[Boundary], start: int, goal: int) -> int:
    """Where the piece from ``start`` ends: at the best place within ``goal``, else at the next."""
    within = [one for one in ahead if one.position - start <= goal]
    for rank, share in _ENOUGH.items():
        for one in reversed(within):
            if one.rank >= rank and one.position - start >= share * goal:
                return one.position
    return ahead[0].position


def _within_reach(text: str, limit: int) -> Iterator[Boundary]:
    """The boundaries, and more of them where two are further apart than ``limit``."""
    last = 0
    for boundary in boundaries(text):
        if boundary.position - last > limit:
            yield from _forced(text, last, boundary.position, limit)
        yield boundary
        last = boundary.position


def _forced(text: str, start: int, end: int, limit: int) -> Iterator[Boundary]:
    """Between the graphemes of what is too long to stay whole, or inside one that is."""
    for grapheme in graphemes(text[start:end]):
        for size in range(len(grapheme), 0, -limit):
            start += min(size, limit)
            if start < end:
                yield Boundary(start, Rank.INSIDE)
