"""Long text split into pieces that can be spoken separately."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, repeat

from stepcli.text.boundaries import Boundary, Rank, boundaries

_SHARES = {
    Rank.PARAGRAPH: 0.75,
    Rank.SENTENCE: 0.25,
    Rank.CLAUSE: 0.25,
    Rank.WORD: 0.125,
    Rank.GRAPHEME: 0.0,
    Rank.FORCED: 0.0,
}
"""The share of the allowed length that a piece must fill to end at a place of that rank."""


def split_text(text: str, limit: int, first: int | None = None) -> Iterator[str]:
    """Yield `text` in pieces of at most `limit` characters. Takes linear time.

    The pieces joined are the text. A piece ends at the last sentence end within the limit, or at a
    paragraph end near it; otherwise at a clause, a word or a character. A token (see `tokens`) is
    split only if it is longer than `limit`. White space stays with the text before it, so a piece
    is blank only if the text or its white space fills a piece.

    `first` is the preferred length of the first piece, so that playback starts early: it ends at
    the last pause up to there, or at the next one if that is less than twice as far.
    """
    end_of_text = Boundary(sys.maxsize, Rank.PARAGRAPH)
    start, places, ahead = 0, boundaries(text, limit), deque[Boundary]()
    for size in chain([min(first or limit, limit)], repeat(limit)):
        if len(text) - start <= size:
            break
        while ahead and ahead[0].position <= start:
            ahead.popleft()
        while not ahead or ahead[-1].position <= start + limit:
            ahead.append(next(places, end_of_text))
        end = _end(list(ahead)[:-1], start, size) or len(text)
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _end(ahead: list[Boundary], start: int, size: int) -> int | None:
    """Return the end of the piece from ``start``: within ``size`` if possible, else soon after.

    Return None if the rest of the text cannot be split.
    """
    near = [place for place in ahead if place.position <= start + size]
    far = ahead[len(near) :]
    return (
        best(near, start, size, Rank.CLAUSE)
        or _next(far, start + 2 * size, Rank.CLAUSE)
        or best(near, start, size, Rank.GRAPHEME)
        or _next(far, sys.maxsize, Rank.GRAPHEME)
        or (ahead[-1].position if ahead else None)
    )


def best(places: Sequence[Boundary], start: int, size: int, worst: Rank) -> int | None:
    """Return the last of the best-ranked ``places``, ignoring ranks below ``worst``."""
    for rank, share in _SHARES.items():
        if rank < worst:
            break
        for place in reversed(places):
            if place.position < start + share * size:
                break
            if place.rank >= rank:
                return place.position
    return None


def _next(places: Sequence[Boundary], reach: int, worst: Rank) -> int | None:
    for place in places:
        if place.rank >= worst and place.position <= reach:
            return place.position
    return None
