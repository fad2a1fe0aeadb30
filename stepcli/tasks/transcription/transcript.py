"""The transcript of one input, composed of the results of its pieces."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeGuard

from stepcli.audio.segments import Segment
from stepcli.subtitles.formats import DEFAULT_STYLE, Cue, CueStyle
from stepcli.tasks.transcription.results import RecognitionResult

if TYPE_CHECKING:
    from stepcli.subtitles.alignment import Word

PARAGRAPH_PAUSE = 1.5
"""Seconds without speech after which a paragraph begins."""


@dataclass(frozen=True)
class Transcript:
    """Results in the order of their pieces; all times are in seconds of the whole recording.

    `seconds` is the duration of the recording where the pieces are only the speech in it.
    """

    segments: Sequence[Segment]
    results: Sequence[RecognitionResult]
    seconds: float = 0.0

    @cached_property
    def text(self) -> str:
        """The text as the service returned it, joined where there are several pieces."""
        text = StringIO()
        if any(segment.overlap for segment in self.segments):
            text.writelines(word.text for word in self.words())
        else:
            text.writelines(_joined([result.text for result in self.results]))
        return text.getvalue()

    @property
    def paragraphs(self) -> str:
        """The text with a blank line at each pause of more than PARAGRAPH_PAUSE seconds."""
        text, end = StringIO(), math.inf
        for word in self.words():
            is_new = word.start - end > PARAGRAPH_PAUSE
            text.write(f"\n\n{word.text.lstrip()}" if is_new else word.text)
            end = word.end
        return text.getvalue()

    def replaced(self, change: Callable[[str], str]) -> Transcript:
        """Return the transcript after `change` of the text of each piece; times are kept."""
        results = [replace(result, text=change(result.text)) for result in self.results]
        return replace(self, results=results)

    @property
    def duration(self) -> float:
        if self.seconds or not self.segments:
            return self.seconds
        return self.segments[-1].end - self.segments[0].start

    @property
    def timed(self) -> bool:
        """Whether the service returned any times."""
        deltas = [delta for result in self.results for delta in result.deltas]
        return not self.text.strip() or any(delta.end is not None for delta in deltas)

    @property
    def usage(self) -> dict[str, Any]:
        """The sum of the usage of all results."""
        total: dict[str, Any] = {}
        for result in self.results:
            total = add_usage(total, result.usage)
        return total

    @property
    def ids(self) -> list[dict[str, str | None]]:
        """The session and trace ids, one pair for each request."""
        return [
            {"session_id": session, "trace_id": trace}
            for result in self.results
            for session, trace in result.ids
        ]

    def cues(self, style: CueStyle = DEFAULT_STYLE) -> list[Cue]:
        from stepcli.subtitles.cues import cues

        return cues(self.words(), style)

    def words(self) -> Iterator[Word]:
        """Yield words piece by piece, so that those of hours are never in memory at once."""
        from stepcli.subtitles.alignment import join, shift, words

        before: Sequence[Word] = ()
        for segment, result in zip(self.segments, self.results, strict=True):
            own = words(result.text, result.deltas, segment.end - segment.start)
            shared = (segment.start, segment.start + segment.overlap)
            before, after = join(before, shift(own, segment.start), shared)
            yield from before
            before = after
        yield from before


def _joined(texts: Sequence[str]) -> Iterable[str]:
    """Yield `texts` that are not blank, separated by spaces where the script has them."""
    if len(texts) == 1:
        return texts
    from stepcli.subtitles.alignment import spaced

    spoken = [text for text in texts if text.strip()] or texts[:1]
    return map(spaced, ["", *spoken], spoken)


def add_usage(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sum of two JSON objects: numbers added, objects summed, else the later value."""
    total = dict(one)
    for name, value in other.items():
        before = total.get(name)
        if isinstance(value, Mapping):
            total[name] = add_usage(before if isinstance(before, Mapping) else {}, value)
        elif _is_number(value) and _is_number(before):
            total[name] = _added(before, value)
        else:
            total[name] = value
    return total


def _added(one: float, other: float) -> float | None:
    """Return the sum; None where it is not finite, which JSON cannot represent."""
    try:
        total = one + other
        return total if math.isfinite(total) else None
    except OverflowError:
        return None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


class TranscriptFormat(StrEnum):
    """The values of `--format`."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SRT = "srt"
    VTT = "vtt"
    LRC = "lrc"
    TSV = "tsv"

    @property
    def extension(self) -> str:
        return ".txt" if self is TranscriptFormat.TEXT else f".{self.value}"

    @property
    def joinable(self) -> bool:
        """Whether one output can hold several transcripts."""
        return self in (TranscriptFormat.TEXT, TranscriptFormat.JSON, TranscriptFormat.JSONL)

    @property
    def timed(self) -> bool:
        """Whether the format contains times."""
        return self not in (TranscriptFormat.TEXT, TranscriptFormat.JSONL)


TRANSCRIPT_EXTENSIONS = {one.extension: one for one in TranscriptFormat}
"""The format that each extension of a file name stands for."""
