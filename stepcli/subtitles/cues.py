"""Words grouped into subtitle cues of a few short lines."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from typing import NamedTuple

from stepcli.subtitles.alignment import Word
from stepcli.subtitles.formats import (
    DEFAULT_STYLE,
    Cue,
    CueStyle,
    SubtitleFormat,
    lrc,
    segment,
    srt,
    vtt,
)
from stepcli.subtitles.line_breaking import cue_texts
from stepcli.text.boundaries import sentence_ends

_PAUSE = 0.8
_SHORTEST = 0.1
_NEVER = Cue(math.inf, math.inf, "")


def cues(words: Iterable[Word], style: CueStyle = DEFAULT_STYLE) -> list[Cue]:
    """Return the cues of ``words``, in order and without overlap; together they have all the text.

    A cue ends with its sentence, before a pause, or at a limit of the style. Its text is one line.
    """
    stretches = (sentence for stretch in _stretches(words) for sentence in _sentences(stretch))
    shaped = (cue for sentence in stretches for cue in _cues(sentence, style))
    return list(_apart(shaped, style.seconds))


def wrap(cues: Iterable[Cue], style: CueStyle = DEFAULT_STYLE) -> list[Cue]:
    """Return ``cues`` with their text in lines."""
    return [replace(cue, text="\n".join(cue_texts(cue.text, style))) for cue in cues]


def subtitles(
    words: Iterable[Word], format: SubtitleFormat, style: CueStyle = DEFAULT_STYLE
) -> str:
    """Return the cues of ``words`` as the content of a file."""
    shaped = cues(words, style)
    match format:
        case SubtitleFormat.SRT:
            return srt(wrap(_introduced(shaped), style))
        case SubtitleFormat.VTT:
            return vtt(wrap(shaped, style), word_times=style.word_times)
        case SubtitleFormat.LRC:
            return lrc(_introduced(shaped))
        case SubtitleFormat.JSON:
            segments = [segment(cue) for cue in shaped]
            return json.dumps({"segments": segments}, ensure_ascii=False) + "\n"


def _introduced(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Yield ``cues``, each speaker's name before the text where the speaker changes."""
    latest = None
    for cue in cues:
        text = cue.text if cue.speaker == latest else cue.named_text
        latest = cue.speaker
        yield replace(cue, text=text, speaker=None)


def _stretches(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Yield ``words`` split at pauses and where the speaker changes."""
    stretch: list[Word] = []
    for word in words:
        if stretch and (
            word.speaker != stretch[-1].speaker or word.start - stretch[-1].end >= _PAUSE
        ):
            yield stretch
            stretch = []
        stretch.append(word)
    yield stretch


def _sentences(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    text = "".join(word.text for word in words)
    ends = set(sentence_ends(text))
    first = position = 0
    for index, word in enumerate(words):
        if position + len(word.text) - len(word.text.lstrip()) in ends:
            yield words[first:index]
            first = index
        position += len(word.text)
    yield words[first:]


class _Sign(NamedTuple):
    """A visible character: its position in the text, its time, and whether it starts a word."""

    place: int
    start: float
    end: float
    opens: bool


def _cues(sentence: Sequence[Word], style: CueStyle) -> Iterator[Cue]:
    text = "".join(word.text for word in sentence)
    speaker = sentence[0].speaker if sentence else None
    if speaker is not None:
        style = style.beside(speaker)
    signs = list(_signs(sentence))
    first = 0
    for wrapped in cue_texts(text, style):
        last = first + len("".join(wrapped.split()))
        for part in _brief(signs[first:last], style.seconds):
            shown = text[part[0].place : part[-1].place + 1]
            words = tuple(_words(part, text))
            yield Cue(part[0].start, part[-1].end, " ".join(shown.split()), words, speaker)
        first = last


def _words(signs: Sequence[_Sign], text: str) -> Iterator[Word]:
    """Yield the words of a cue without the white space between them."""
    opening = [index for index, sign in enumerate(signs) if sign.opens or index == 0]
    for first, end in pairwise([*opening, len(signs)]):
        shown = text[signs[first].place : signs[end - 1].place + 1]
        yield Word(shown, signs[first].start, signs[end - 1].end)


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


def _brief(signs: Sequence[_Sign], seconds: float) -> Iterator[Sequence[_Sign]]:
    """Yield `signs` in parts of whole words that last at most `seconds`, if a word does."""
    first = word_end = 0
    for index, sign in enumerate(signs):
        if sign.opens:
            word_end = index
        if sign.end - signs[first].start > seconds and word_end > first:
            yield signs[first:word_end]
            first = word_end
    yield signs[first:]


def _apart(cues: Iterable[Cue], seconds: float) -> Iterator[Cue]:
    """Return ``cues`` adjusted so that each has a minimum duration and ends before the next."""
    latest = 0.0
    for cue, following in pairwise(chain(cues, [_NEVER])):
        start = max(cue.start, latest)
        latest = max(min(cue.end, start + seconds, following.start), start + _SHORTEST)
        yield replace(cue, start=start, end=latest, words=tuple(_in_turn(cue.words, start, latest)))


def _in_turn(words: Sequence[Word], start: float, end: float) -> Iterator[Word]:
    """Yield ``words`` with times from ``start`` to ``end``; each ends before the next."""
    limits = [*(word.start for word in words[1:]), end]
    for word, limit in zip(words, limits, strict=True):
        start = min(max(word.start, start), end)
        yield Word(word.text, start, max(min(word.end, limit), start))
