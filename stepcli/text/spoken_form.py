"""Find written text in the form in which a speech service reports it as spoken.

The service may report a sentence as it was written, or with numbers, dates, symbols and HTML
entities spelled out ("$5" as "five dollars"), and without stage directions and Markdown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import normalize

from stepcli.text.characters import is_unspaced
from stepcli.text.stage_directions import DIRECTION

_AUDIBLE = re.compile(rf"{DIRECTION.pattern}|([^\W_])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});")
_CLOSING = re.compile(r"[\s.。!！?？…,，;；:：、\"”'’」』\]】]*")
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:['’\-‐‑][^\W\d_]+)*")
_DISTINCTIVE = 8
"""Letters from which a sentence found beyond the beginning cannot be a coincidence."""
_LONGEST_SENTENCE = 4000
_SPELLED_OUT = 12
"""Letters for one character that is spelled out: "7" as "seventy", "%" as "percent"."""
_SHORTEST_NAME = 20
_ACRONYM = 5


class Letters(NamedTuple):
    """The audible letters and digits of a text, case-folded, and the place of each in it."""

    folded: str
    places: list[int]


def letters(text: str, end: int | None = None) -> Letters:
    """Return what can be heard of `text` up to `end`: no punctuation, no stage directions."""
    folded: list[str] = []
    places: list[int] = []
    for found in _AUDIBLE.finditer(text, 0, len(text) if end is None else end):
        if found[1]:
            letter = normalize("NFKC", found[1]).casefold()
            folded.append(letter)
            places += [found.start()] * len(letter)
    return Letters("".join(folded), places)


def is_audible(text: str) -> bool:
    """Return whether anything of `text` can be heard."""
    return any(found[1] for found in _AUDIBLE.finditer(text))


def written_end(text: str, sentence: str, *, flushed: int, inexact: bool) -> int | None:
    """Return where in `text` the spoken `sentence` and its punctuation end, or None.

    A sentence is expected at the beginning, as written or spelled out. One that is as written may
    also follow text that was not found: if it is long, or `inexact` says that sentences before it
    were not found as written. No sentence spans `flushed`, up to which text was requested to be
    spoken, complete sentence or not.
    """
    wanted = letters(sentence).folded
    if not wanted:
        return None
    there = letters(text)
    end = _end_at(text, there, 0, wanted) if there.folded.startswith(wanted) else None
    if end is None:
        end = _spelled_out_end(text[: flushed or None], wanted)
    if end is None and (inexact or len(wanted) >= _DISTINCTIVE):
        end = _later_end(text, there, wanted)
    return end


def first_sentence_end(text: str) -> int:
    """Return where the first sentence of `text` with something to hear ends."""
    from stepcli.text.boundaries import sentence_ends

    return next((end for end in sentence_ends(text) if is_audible(text[:end])), len(text))


def _end_at(text: str, there: Letters, at: int, wanted: str) -> int:
    return _closed(text, there.places[at + len(wanted) - 1] + 1)


def _later_end(text: str, there: Letters, wanted: str) -> int | None:
    """Return the end of `wanted` as whole words of `text`, at their first occurrence."""
    at = there.folded.find(wanted)
    while at >= 0:
        first, last = there.places[at], there.places[at + len(wanted) - 1]
        if _is_word_edge(text, first) and _is_word_edge(text, last + 1):
            return _end_at(text, there, at, wanted)
        at = there.folded.find(wanted, at + 1)
    return None


def _is_word_edge(text: str, place: int) -> bool:
    """Return whether a word can begin or end at `place`."""
    around = text[max(0, place - 1) : place + 1]
    return len(around) < 2 or not around.isalnum() or any(map(is_unspaced, around))


class _Element(NamedTuple):
    """A piece of written text that is spoken as `literal`, or as `least` to `most` letters.

    `ends_sentence` says that a sentence ends after it, `dotted` that one may: a full stop follows
    that is more likely an abbreviation's.
    """

    end: int
    literal: str = ""
    least: int = 0
    most: int = 0
    dotted: bool = False
    ends_sentence: bool = False


def _spelled_out_end(text: str, wanted: str) -> int | None:
    """Return the end of the shortest beginning of `text` that can be spoken as `wanted`.

    Follows all ways to divide `wanted` among the words of `text` at once, as the set of letters
    of `wanted` that can have been reached.
    """
    if len(wanted) > _LONGEST_SENTENCE:
        return None
    reached, best, settled = {0}, None, False
    for element in _elements(text):
        reached = set(_reach(element, reached, wanted))
        if not reached:
            break
        if len(wanted) in reached:
            if element.ends_sentence or element.literal:
                return _closed(text, element.end)
            best = best if settled else element.end
            settled = settled or element.dotted
    return None if best is None else _closed(text, best)


def _reach(element: _Element, reached: set[int], wanted: str) -> Iterator[int]:
    for place in reached:
        if element.literal and wanted.startswith(element.literal, place):
            yield place + len(element.literal)
    if element.most:
        first, last = min(reached) + element.least, max(reached) + element.most
        yield from range(first, min(last, len(wanted)) + 1)


def _elements(text: str) -> Iterator[_Element]:
    """Yield the audible elements of `text`; the last of a sentence says so."""
    from stepcli.text.boundaries import sentence_ends

    ends = [*sentence_ends(text), len(text)]
    upcoming = iter(ends)
    sentence_end = next(upcoming)
    last: _Element | None = None
    for start, element in _unmarked_elements(text, set(ends)):
        passed = False
        while start >= sentence_end:
            passed, sentence_end = True, next(upcoming)
        if last is not None:
            yield last._replace(ends_sentence=passed)
        last = element
    if last is not None:
        yield last._replace(ends_sentence=True)


def _unmarked_elements(text: str, ends: set[int]) -> Iterator[tuple[int, _Element]]:
    """Yield each audible element and its start; `ends` are the ends of sentences."""
    from stepcli.text.boundaries import LONGEST_TOKEN
    from stepcli.text.tokens import SPOKEN, Kind, tokens

    entities = {found.start(): found for found in _ENTITY.finditer(text)}
    entity_end = 0
    row = [*tokens(text, LONGEST_TOKEN)]
    for number, token in enumerate(row):
        if token.start < entity_end:
            continue
        if entity := entities.get(token.start):
            entity_end = entity.end()
            yield token.start, _optional(entity_end, len(html.unescape(entity[0])))
        elif token.kind in (Kind.URL, Kind.SYMBOL, Kind.DASH, Kind.DIRECTION):
            yield token.start, _optional(token.end, token.end - token.start)
        elif token.kind in SPOKEN:
            after = row[number + 1 : number + 3]
            dotted = bool(after) and after[0].kind is Kind.DOT
            dotted = dotted and ends.isdisjoint(mark.end for mark in after)
            yield token.start, _word(text[token.start : token.end], token.end, dotted=dotted)


def _optional(end: int, length: int) -> _Element:
    return _Element(end, most=_SHORTEST_NAME + _SPELLED_OUT * length)


def _word(word: str, end: int, *, dotted: bool) -> _Element:
    """Return the element for `word`; `dotted` says that an abbreviation's full stop follows."""
    acronym = word.isascii() and word.isupper() and 2 <= len(word) <= _ACRONYM
    if _PLAIN_WORD.fullmatch(word) and not dotted and not acronym:
        return _Element(end, letters(word).folded)
    return _Element(end, "", 1, _SHORTEST_NAME + _SPELLED_OUT * len(word), dotted)


def _closed(text: str, end: int) -> int:
    """Return where the punctuation after `end` ends."""
    closing = _CLOSING.match(text, end)
    assert closing is not None
    return closing.end()
