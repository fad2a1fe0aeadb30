"""Where utterances go: stdout line by line, or a file that appears at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepcli.audio.pieces import Piece
from stepcli.cli.output import WholeFile, open_output
from stepcli.cli.transcripts_out import TranscriptsOut
from stepcli.tasks.answers import Answer
from stepcli.tasks.rendering import (
    Continued,
    described,
    json_line,
    silent,
    utterance_line,
)
from stepcli.tasks.transcript import Transcript
from stepcli.tasks.transcript_format import TranscriptFormat


class LiveOut:
    """Takes utterances in order. What is written to a file is there after ``finish`` only."""

    def __init__(self, chosen: TranscriptsOut) -> None:
        self._chosen = chosen
        self._terminal = chosen.terminal
        self._continued = Continued(chosen.format)
        self._pieces: list[Piece] = []
        self._answers: list[Answer] = []
        path = chosen.destination()
        self._file = open_output(str(path), self._terminal, binary=False) if path else None
        self._to_open = self._continued.opening

    def add(self, piece: Piece, answer: Answer) -> None:
        if self._gathers:
            self._pieces.append(piece)
            self._answers.append(answer)
        self._write(self._bit(Transcript([piece], [answer])))

    def finish(self, seconds: float) -> None:
        """All is said of a recording of so many seconds."""
        told = self._described(seconds)
        if self._file:
            if self._chosen.format is TranscriptFormat.JSON:
                self._file.write(json_line(told).encode())
            self._file.write(self._to_open.encode())
            self._file.close()
        if self._terminal.json or (self._chosen.format is TranscriptFormat.JSON and not self._file):
            self._terminal.result_json(told)

    def set_aside(self) -> Path | None:
        """Something is missing: what there is, under another name than the file's."""
        if isinstance(self._file, WholeFile) and self._file.file.tell():
            return self._file.set_aside()
        self.abort()
        return None

    def abort(self) -> None:
        if self._file:
            self._file.abort()

    @property
    def _gathers(self) -> bool:
        return self._terminal.json or self._chosen.format is TranscriptFormat.JSON

    def _bit(self, transcript: Transcript) -> str:
        if self._chosen.format is TranscriptFormat.JSON or not transcript.text.strip():
            return ""
        if self._chosen.format is TranscriptFormat.JSONL:
            return utterance_line(transcript, self._chosen.about)
        return self._continued.add(transcript)

    def _write(self, bit: str) -> None:
        if not bit:
            return
        bit, self._to_open = self._to_open + bit, ""
        if self._file:
            self._file.write(bit.encode())
        elif not self._terminal.json:
            self._terminal.result(bit.removesuffix("\n"))

    def _described(self, seconds: float) -> dict[str, Any]:
        about = self._chosen.told(0)
        if not self._pieces:
            return silent(about, seconds)
        told = described(Transcript(self._pieces, self._answers), about)
        return told | {"duration": round(seconds, 3)}


@contextmanager
def live_out(chosen: TranscriptsOut) -> Iterator[LiveOut]:
    """Raises UsageError for a file that cannot be written, before anything is said."""
    out = LiveOut(chosen)
    try:
        yield out
    except BaseException:
        if path := out.set_aside():
            chosen.terminal.note(f"stepcli: what was understood so far is kept: {path}")
        raise
