"""The transcript of one input, from the answers for its pieces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from io import StringIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeGuard

from stepcli.audio.segments import Piece
from stepcli.subtitles.formats import Cue
from stepcli.tasks.transcription.results import Answer

if TYPE_CHECKING:
    from stepcli.subtitles.alignment import Word


@dataclass(frozen=True)
class Transcript:
    """Answers in the order of their pieces; all times are in seconds of the whole sound."""

    pieces: Sequence[Piece]
    answers: Sequence[Answer]

    @cached_property
    def text(self) -> str:
        """The service's own text; of several pieces, put together."""
        text = StringIO()
        if any(piece.overlap for piece in self.pieces):
            text.writelines(word.text for word in self._words())
        else:
            text.writelines(_joined([answer.text for answer in self.answers]))
        return text.getvalue()

    @property
    def duration(self) -> float:
        return self.pieces[-1].end

    @property
    def timed(self) -> bool:
        """Whether the service told when anything was said."""
        deltas = [delta for answer in self.answers for delta in answer.deltas]
        return not self.text.strip() or any(delta.end is not None for delta in deltas)

    @property
    def usage(self) -> dict[str, Any]:
        """What all answers used, number by number."""
        total: dict[str, Any] = {}
        for answer in self.answers:
            total = _sum(total, answer.usage)
        return total

    @property
    def ids(self) -> list[dict[str, str | None]]:
        """The service's handles, one for each piece."""
        return [
            {"session_id": answer.session_id, "trace_id": answer.trace_id}
            for answer in self.answers
        ]

    @cached_property
    def cues(self) -> list[Cue]:
        from stepcli.subtitles.cues import cues

        return cues(self._words())

    def _words(self) -> Iterator[Word]:
        """Piece by piece, so that the words of hours are never there at once."""
        from stepcli.subtitles.alignment import join, shift, words

        before: Sequence[Word] = ()
        for piece, answer in zip(self.pieces, self.answers, strict=True):
            own = words(answer.text, answer.deltas, piece.end - piece.start)
            shared = (piece.start, piece.start + piece.overlap)
            before, after = join(before, shift(own, piece.start), shared)
            yield from before
            before = after
        yield from before


def _joined(texts: Sequence[str]) -> Iterable[str]:
    """``texts`` with spaces between them where there have to be, less those without words."""
    if len(texts) == 1:
        return texts
    from stepcli.subtitles.alignment import spaced

    spoken = [said for said in texts if said.strip()] or texts[:1]
    return map(spaced, ["", *spoken], spoken)


def _sum(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers added, objects in the same way, anything else as it was said last."""
    total = dict(one)
    for name, value in other.items():
        before = total.get(name)
        if isinstance(value, Mapping):
            total[name] = _sum(before if isinstance(before, Mapping) else {}, value)
        elif _is_number(value) and _is_number(before):
            total[name] = _added(before, value)
        else:
            total[name] = value
    return total


def _added(one: float, other: float) -> float | None:
    """None where that is beyond all numbers, for which JSON has no word."""
    try:
        total = one + other
        return total if math.isfinite(total) else None
    except OverflowError:
        return None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


class TranscriptFormat(StrEnum):
    """What ``--format`` takes."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SRT = "srt"
    VTT = "vtt"
    TSV = "tsv"

    @property
    def extension(self) -> str:
        return ".txt" if self is TranscriptFormat.TEXT else f".{self.value}"

    @property
    def joinable(self) -> bool:
        """Whether several transcripts may follow one another in one output."""
        return self in (TranscriptFormat.TEXT, TranscriptFormat.JSON, TranscriptFormat.JSONL)

    @property
    def timed(self) -> bool:
        """Whether it tells when things were said."""
        return self not in (TranscriptFormat.TEXT, TranscriptFormat.JSONL)

    @classmethod
    def of_name(cls, name: str) -> TranscriptFormat | None:
        """The format that a file's extension asks for, or None where it names none."""
        suffix = PurePath(name).suffix.lower()
        return next((each for each in cls if each.extension == suffix), None)
