"""Words gathered into cues that can be read: a sentence or a part of one, in two lines at most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from stepcli.subtitles.alignment import Word
from stepcli.subtitles.formats import Cue, Sentence
from stepcli.subtitles.line_breaking import cue_texts
from stepcli.text.boundaries import Rank, boundaries
from stepcli.text.stage_directions import DIRECTION

LONGEST = 7.0
"""Seconds that a cue is shown at most."""
_PAUSE = 0.8
_SHORTEST = 0.1
_LONGEST_WORD = 100
"""Characters between two places where a text may be parted."""
_NEVER = Cue(math.inf, math.inf, "")


def cues(words: Iterable[Word]) -> list[Cue]:
    """The cues of ``words``, in order, none overlapping; together they have all of the text.

    A cue ends with its sentence, before a pause, where two lines are full, or after LONGEST.
    """
    stretches = (sentence for stretch in _stretches(words) for sentence in _sentences(stretch))
    return list(_apart(cue for sentence in stretches for cue in _cues(sentence)))


def lines(text: str) -> list[str]:
    """The lines of a cue's text."""
    return [line for cue in cue_texts(text) for line in cue.split("\n")]


def _stretches(words: Iterable[Word]) -> Iterator[list[Word]]:
    """``words`` parted where nobody speaks."""
    stretch: list[Word] = []
    for word in words:
        if stretch and word.start - stretch[-1].end >= _PAUSE:
            yield stretch
            stretch = []
        stretch.append(word)
    yield stretch


def _sentences(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    text = "".join(word.text for word in words)
    ends = {
        place.position for place in boundaries(text, _LONGEST_WORD) if place.rank >= Rank.SENTENCE
    }
    first = position = 0
    for index, word in enumerate(words):
        if position + len(word.text) - len(word.text.lstrip()) in ends:
            yield words[first:index]
            first = index
        position += len(word.text)
    yield words[first:]


class _Sign(NamedTuple):
    """A character that is seen: its place in the text, its time, whether a word begins with it."""

    place: int
    start: float
    end: float
    opens: bool


def _cues(sentence: Sequence[Word]) -> Iterator[Cue]:
    text = "".join(word.text for word in sentence)
    signs = list(_signs(sentence))
    first = 0
    for wrapped in cue_texts(text):
        last = first + len("".join(wrapped.split()))
        for part in _brief(signs[first:last]):
            shown = text[part[0].place : part[-1].place + 1]
            yield Cue(part[0].start, part[-1].end, " ".join(shown.split()))
        first = last


def _signs(words: Iterable[Word]) -> Iterator[_Sign]:
    position = 0
    for word in words:
        places = [i for i, character in enumerate(word.text) if not character.isspace()]
        times = [
            word.start + (word.end - word.start) * number / len(places)
            for number in range(len(places))
        ]
        for place, start, end in zip(places, times, [*times[1:], word.end], strict=True):
            yield _Sign(position + place, start, end, opens=place == places[0])
        position += len(word.text)


def _brief(signs: Sequence[_Sign]) -> Iterator[Sequence[_Sign]]:
    """Yield `signs` in parts of whole words that last at most LONGEST, if a word does."""
    first = word_end = 0
    for index, sign in enumerate(signs):
        if sign.opens:
            word_end = index
        if sign.end - signs[first].start > LONGEST and word_end > first:
            yield signs[first:word_end]
            first = word_end
    yield signs[first:]


def _apart(cues: Iterable[Cue]) -> Iterator[Cue]:
    """``cues`` changed as little as makes each last a moment and end before the next begins."""
    latest = 0.0
    for cue, following in pairwise(chain(cues, [_NEVER])):
        start = max(cue.start, latest)
        latest = max(min(cue.end, start + LONGEST, following.start), start + _SHORTEST)
        yield Cue(start, latest, cue.text)


SHORTEST = 0.1
"""Seconds of sound that get a cue of their own."""


def captions(sentences: Iterable[Sentence]) -> list[Cue]:
    """Cues of at most two lines, from the beginning of the sound to its end without a gap.

    Inside a sentence nobody tells when a word is said: time goes by the length of the text. What
    has no words, or hardly any sound, belongs to the cue after it, or to the last.
    """
    cues: list[Cue] = []
    start = end = 0.0
    for sentence in sentences:
        end = sentence.end
        text = DIRECTION.sub("", sentence.text).strip()
        if text and end - start >= SHORTEST:
            cues += _parts(text, start, end)
            start = end
    if cues:
        cues[-1] = replace(cues[-1], end=end)
    return cues


def _parts(text: str, start: float, end: float) -> Iterator[Cue]:
    """``text`` in cues, each for its share of the time from ``start`` to ``end``."""
    texts = cue_texts(text)
    places = [0, *accumulate(map(len, texts))]
    times = (start + (end - start) * place / places[-1] for place in places)
    for part, (begin, until) in zip(texts, pairwise(times), strict=True):
        yield Cue(begin, until, part)
