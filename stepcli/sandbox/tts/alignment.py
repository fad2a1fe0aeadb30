"""Turn the word starts of a synthesis into timed items by sentence (PROTOCOL.md §3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stepcli.sandbox.tts.spoken_text import HAN

_OPENING = r"“‘「『《〈【（(\["
_TOKEN = re.compile(
    rf"[{HAN}]|[{_OPENING}]+|[^\s{HAN}\w{_OPENING}]+|(?:(?![{HAN}])\w|(?<=\w)['’.,:-](?=\w))+"
)
_CLAUSE_END = re.compile(r"[。！？!?；，]+[」』”’\"')）]*|[.](?=\s)|\n")


@dataclass(frozen=True)
class SpokenSpan:
    """The time in seconds in which the character at ``position`` of the shown text is spoken."""

    position: int
    start: float
    end: float


@dataclass(frozen=True)
class TimedItem:
    """A Chinese character or a word, with its punctuation; times in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class TimedSentence:
    """A sentence or clause and its items; there are none if nothing could be aligned."""

    text: str
    items: list[TimedItem]

    def to_json(self, offset: float = 0.0) -> dict[str, Any]:
        """Return the service's form, in milliseconds and ``offset`` seconds later."""
        items = [
            {
                "text": item.text,
                "start_time": round((item.start + offset) * 1000),
                "end_time": round((item.end + offset) * 1000),
            }
            for item in self.items
        ]
        return {"text": self.text, "items": items}


def align(shown: str, spans: Sequence[SpokenSpan]) -> list[TimedSentence]:
    """Return the clauses of ``shown`` with the times of their items."""
    items = _time_items(shown, spans)
    return [
        TimedSentence(shown[start:end].strip(), [item for at, item in items if start <= at < end])
        for start, end in _clauses(shown)
        if shown[start:end].strip()
    ]


def align_sentence(shown: str, spans: Sequence[SpokenSpan]) -> TimedSentence:
    """Return ``shown`` as one sentence."""
    return TimedSentence(shown.strip(), [item for _, item in _time_items(shown, spans)])


def _clauses(shown: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _CLAUSE_END.finditer(shown):
        yield start, match.end()
        start = match.end()
    yield start, len(shown)


def split_items(shown: str) -> list[tuple[int, int]]:
    """Return the start and end of every item: a Chinese character or a word.

    Opening punctuation belongs to the item that follows it, all other punctuation to the item
    before it.
    """
    items: list[tuple[int, int]] = []
    opening: int | None = None
    for match in _TOKEN.finditer(shown):
        start, end = match.span()
        if any(character.isalnum() for character in match.group()):
            items.append((start if opening is None else opening, end))
            opening = None
        elif items and match.group()[0] not in _OPENING:
            items[-1] = (items[-1][0], end)
        elif opening is None:
            opening = start
    return items


def _time_items(shown: str, spans: Sequence[SpokenSpan]) -> list[tuple[int, TimedItem]]:
    """Return every item with its position; without spans there are none."""
    if not spans:
        return []
    items = split_items(shown)
    times: list[tuple[float, float] | None] = [None] * len(items)
    for span in spans:
        index = next((i for i, (_, end) in enumerate(items) if span.position < end), None)
        if index is not None:
            known = times[index]
            start = span.start if known is None else known[0]
            times[index] = start, span.end
    lengths = [end - start for start, end in items]
    return [
        (start, TimedItem(shown[start:end], *time))
        for (start, end), time in zip(items, _interpolate(times, lengths), strict=True)
    ]


def _interpolate(
    times: list[tuple[float, float] | None], lengths: list[int]
) -> list[tuple[float, float]]:
    """Share the time of each item with the untimed items that follow it, by their lengths.

    espeak-ng speaks some pairs of words, such as "of the", as one.
    """
    result: list[tuple[float, float]] = []
    for index, time in enumerate(times):
        if time is None:
            if not result:
                first = next(each for each in times if each is not None)
                result.append((first[0], first[0]))
            continue
        following = next(
            (i for i in range(index + 1, len(times)) if times[i] is not None), len(times)
        )
        at, seconds = time[0], time[1] - time[0]
        total = sum(lengths[index:following])
        for length in lengths[index:following]:
            result.append((at, at + seconds * length / total))
            at = result[-1][1]
    return result
