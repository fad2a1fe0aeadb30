"""Text that is read along with its sound: where its words are, and how it fits a screen."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stepcli.subtitles.alignment import Word, tokenise
from stepcli.text.boundaries import sentence_ends
from stepcli.text.characters import columns
from stepcli.text.stage_directions import DIRECTION

_PARAGRAPH = re.compile(r"[^\n]+")
_JOINERS = "\u200c\u200d"


class Span(NamedTuple):
    """The characters from ``start`` to ``end`` of a text."""

    start: int
    end: int


class Place(NamedTuple):
    """The second at which a word begins to be spoken, and its characters."""

    seconds: float
    span: Span


def printable(text: str) -> str:
    """Return `text` with a space in the place of each character that a terminal could obey."""
    return "".join(
        one if one.isprintable() or one in _JOINERS else "\n" if one == "\n" else " "
        for one in text
    )


def places(text: str, words: Sequence[Word], offset: int = 0) -> Iterator[Place]:
    """Yield the places of `words`, those of `text` without its stage directions.

    The text is found after `offset` characters of a longer one.
    """
    silent = {place for span in directions(text) for place in range(*span)}
    visible = [i for i, one in enumerate(text) if not one.isspace() and i not in silent]
    taken = 0
    for word in words:
        count = len("".join(word.text.split()))
        shown = visible[taken : taken + count]
        taken += count
        if shown:
            yield Place(word.start, Span(offset + shown[0], offset + shown[-1] + 1))


def current(places: Sequence[Place], seconds: float) -> Span | None:
    """Return the last of `places`, which are in order, that has begun; None before the first."""
    number = bisect_right(places, seconds, key=lambda place: place.seconds)
    return places[number - 1].span if number else None


def directions(text: str) -> list[Span]:
    """Return the stage directions of `text`."""
    return [Span(*found.span()) for found in DIRECTION.finditer(text)]


def sentences(text: str) -> list[Span]:
    """Return the sentences of `text` that are not blank, without white space around them."""
    ends = list(sentence_ends(text))
    spans = [_stripped(text, *edges) for edges in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [span for span in spans if span.start < span.end]


def wrapped(text: str, width: int) -> list[Span]:
    """Return `text` in lines of at most `width` columns, broken at words where they fit."""
    return [line for found in _PARAGRAPH.finditer(text) for line in _lines(found, width)]


def _stripped(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(end - len(part.lstrip()), start + len(part.rstrip()))


def _lines(paragraph: re.Match[str], width: int) -> Iterator[Span]:
    start: int | None = None
    used, position = 0, paragraph.start()
    for token in tokenise(paragraph[0].rstrip()):
        word = token.lstrip()
        begin, position = position + len(token) - len(word), position + len(token)
        if start is not None and used + columns(token) <= width:
            used += columns(token)
            continue
        if start is not None:
            yield Span(start, begin)
        start, used = begin, columns(word)
        while used > width:
            end = start + _fitting(word, width)
            yield Span(start, end)
            word, start = word[end - start :], end
            used = columns(word)
    if start is not None:
        yield Span(start, position)


def _fitting(word: str, width: int) -> int:
    """Return how many characters of `word` fit `width` columns, at least one."""
    count = 1
    while count < len(word) and columns(word[: count + 1]) <= width:
        count += 1
    return count
