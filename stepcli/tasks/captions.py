"""Sentences that were spoken to cues that can be read while they are heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

from stepcli.tasks.cues import cues, lines
from stepcli.tasks.subtitles import Cue
from stepcli.tasks.takes import Sentence
from stepcli.tasks.unspoken import DIRECTION
from stepcli.tasks.words import Word, tokenise

SHORTEST = 0.1
"""Seconds of sound that get a cue of their own."""


def captions(sentences: Iterable[Sentence]) -> list[Cue]:
    """Cues of at most two lines, from the beginning of the sound to its end without a gap.

    Inside a sentence nobody tells when a word is said: time goes by the length of the words. What
    has no words, or hardly any sound, belongs to the cue after it, or to the last.
    """
    told: list[Cue] = []
    start = end = 0.0
    for sentence in sentences:
        end = sentence.end
        text = DIRECTION.sub("", sentence.text).strip()
        if text and end - start >= SHORTEST:
            told += cues(_spread(text, start, end))
            start = end
    if told:
        told[-1] = replace(told[-1], end=end)
    return [replace(cue, text="\n".join(lines(cue.text))) for cue in told]


def _spread(text: str, start: float, end: float) -> list[Word]:
    """The words of ``text``, each for its share of the time from ``start`` to ``end``."""
    tokens = tokenise(text)
    places = [0, *accumulate(map(len, tokens))]
    times = [start + (end - start) * place / places[-1] for place in places]
    return [Word(*told) for told in zip(tokens, times, times[1:], strict=False)]
