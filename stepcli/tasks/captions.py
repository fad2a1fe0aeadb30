"""Sentences that were spoken to cues that can be read while they are heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise

from stepcli.tasks.subtitles import Cue
from stepcli.tasks.takes import Sentence
from stepcli.tasks.unspoken import DIRECTION
from stepcli.tasks.wrapping import cue_texts

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
