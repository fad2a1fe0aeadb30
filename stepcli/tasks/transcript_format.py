"""The formats a transcript can have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath


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
