"""Writers of transcripts: results of inputs in order, and utterances while they are recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from stepcli.audio.segments import Segment
from stepcli.cli.commands.transcript_destination import TranscriptDestination
from stepcli.cli.io.output import (
    encoded,
    open_output,
    output_directory,
)
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import OutputError, UsageError
from stepcli.storage.atomic_file import AtomicFile, completed
from stepcli.tasks.transcription.render import (
    ContinuedRenderer,
    delta_line,
    empty_json,
    json_line,
    transcript_json,
    utterance_line,
)
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.run import DeltaReceived, InputResult
from stepcli.tasks.transcription.summary import Summary
from stepcli.tasks.transcription.transcript import (
    Transcript,
    TranscriptFormat,
)

Write = Callable[[str], None]


@contextmanager
def transcript_writer(
    destination: TranscriptDestination, summary: Summary
) -> Iterator[WriterGroup]:
    """Yield a writer that counts results in `summary`.

    A single file appears if the block succeeds and every input has a transcript.

    Raise UsageError if the output cannot be written, before anything is sent.
    """
    with suppress(_IncompleteError), ExitStack() as stack:
        writers = WriterGroup(destination, summary, list(_writers(destination, stack)))
        yield writers
        writers.finish()
        if summary.errors:
            raise _IncompleteError
        stack.close()
        if destination.output is not None:
            destination.report_written(destination.output, writers.cues, writers.seconds)


class _IncompleteError(Exception):
    """An input failed, so the file with all transcripts must not appear."""


def _writers(destination: TranscriptDestination, stack: ExitStack) -> Iterator[TranscriptWriter]:
    terminal = destination.terminal
    if terminal.json or not (destination.directory or destination.output):
        terminal.check_stdout()
    if destination.directory is not None:
        output_directory(destination.directory)
        yield _DirectoryWriter(destination)
    elif destination.output is not None:
        output = stack.enter_context(
            completed(open_output(destination.output, terminal, binary=False))
        )
        yield _CombinedWriter(
            destination, destination.format, lambda text: output.write(encoded(text))
        )
    elif not terminal.json:
        write = partial(write_result, terminal, destination.format)
        yield _CombinedWriter(destination, destination.format, write)
    if terminal.json:
        write = partial(write_result, terminal, TranscriptFormat.JSON)
        yield _CombinedWriter(destination, TranscriptFormat.JSON, write)


def write_result(terminal: Terminal, format: TranscriptFormat, text: str) -> None:
    """Write `text`, a transcript in `format` or a part of one, to stdout."""
    if not text:  # subtitles of silence
        return
    text = text.removesuffix("\n")
    if format in (TranscriptFormat.JSON, TranscriptFormat.JSONL):
        terminal.json_text(text)
    else:
        terminal.text(text)


class TranscriptWriter(Protocol):
    """Takes deltas and results in order, then `finish`."""

    def add_delta(self, delta: DeltaReceived) -> None: ...

    def add_result(self, result: InputResult) -> InputResult:
        """Write `result`; return it, or the error of writing it to a file of its own."""

    def finish(self, summary: Summary) -> None: ...


@dataclass(slots=True)
class WriterGroup:
    """Several writers as one, after replacements; `summary` counts the results."""

    destination: TranscriptDestination
    summary: Summary
    writers: list[TranscriptWriter]
    cues: int = 0
    seconds: float = 0.0

    def add_delta(self, received: DeltaReceived) -> None:
        delta = replace(received.delta, text=self.destination.replacements(received.delta.text))
        for writer in self.writers:
            writer.add_delta(replace(received, delta=delta))

    def add_result(self, result: InputResult) -> InputResult:
        """Write `result`; return it, or the error of writing it."""
        if isinstance(result.result, Transcript):
            transcript = result.result.replaced(self.destination.replacements)
            cues, seconds = self.destination.measured(transcript)
            self.cues, self.seconds = self.cues + cues, self.seconds + seconds
            result = replace(result, result=transcript)
        for writer in self.writers:
            result = writer.add_result(result)
        self.summary.add(result.result)
        return result

    def finish(self) -> None:
        for writer in self.writers:
            writer.finish(self.summary)


class _CombinedWriter:
    """Writes all transcripts one after another."""

    def __init__(
        self, destination: TranscriptDestination, format: TranscriptFormat, write: Write
    ) -> None:
        self._destination = destination
        self._format = format
        self._write = write
        self._objects: list[dict[str, Any]] = []

    def add_delta(self, delta: DeltaReceived) -> None:
        if self._format is TranscriptFormat.JSONL:
            self._write(delta_line(delta, self._input_field(delta.input)))

    def add_result(self, result: InputResult) -> InputResult:
        match self._format:
            case TranscriptFormat.JSON:
                self._objects.append(self._destination.result_json(result))
            case TranscriptFormat.JSONL:
                self._write(self._destination.result_line(result))
            case _ if isinstance(result.result, Transcript):
                text = self._destination.rendered(result.result, self._format)
                self._write(self._heading(result.input) + text)
        return result

    def finish(self, summary: Summary) -> None:
        if self._format is not TranscriptFormat.JSON:
            return
        if self._destination.has_several_inputs:
            value = {"transcripts": self._objects, "summary": summary.to_json()}
            self._write(json_line(value))
        else:
            self._write(json_line(self._objects[0]))

    def _heading(self, number: int) -> str:
        if not self._destination.has_several_inputs:
            return ""
        return f"==> {self._destination.inputs[number].label} <==\n"

    def _input_field(self, number: int) -> dict[str, str]:
        if not self._destination.has_several_inputs:
            return {}
        return {"input": self._destination.inputs[number].name}


class _DirectoryWriter:
    """Writes a file for each transcript."""

    def __init__(self, destination: TranscriptDestination) -> None:
        self._destination = destination
        self._lines: list[str] = []

    def add_delta(self, delta: DeltaReceived) -> None:
        if self._destination.format is TranscriptFormat.JSONL:
            self._lines.append(delta_line(delta, {}))

    def add_result(self, result: InputResult) -> InputResult:
        """Write a file. An error is that of one input, not of the run."""
        lines, self._lines = self._lines, []
        path = self._destination.path(self._destination.inputs[result.input])
        if not isinstance(result.result, Transcript) or not path:
            return result
        text = self._text(result, result.result, lines)
        output = partial(open_output, str(path), self._destination.terminal, binary=False)
        try:
            with completed(output()) as file:
                file.write(encoded(text))
        except (OutputError, UsageError) as error:
            return InputResult(result.input, error)
        self._destination.report_written(path, *self._destination.measured(result.result))
        return result

    def finish(self, summary: Summary) -> None:
        """Do nothing: each file is complete."""

    def _text(self, result: InputResult, transcript: Transcript, lines: list[str]) -> str:
        match self._destination.format:
            case TranscriptFormat.JSON:
                return json_line(self._destination.result_json(result))
            case TranscriptFormat.JSONL:
                return "".join([*lines, self._destination.result_line(result)])
        return self._destination.rendered(transcript, self._destination.format)


class LiveWriter:
    """Writes utterances in order. A file appears after `finish` only."""

    def __init__(self, destination: TranscriptDestination) -> None:
        self._destination = destination
        self._terminal = destination.terminal
        self._renderer = ContinuedRenderer(destination.format, destination.style)
        self._segments: list[Segment] = []
        self._results: list[RecognitionResult] = []
        path = destination.single_path()
        self._file = open_output(str(path), self._terminal, binary=False) if path else None
        self._header = self._renderer.header

    def add(self, segments: Sequence[Segment], results: Sequence[RecognitionResult]) -> None:
        """Write an utterance, the text of which is one line before words are replaced."""
        results = [replace(one, text=" ".join(one.text.split())) for one in results]
        transcript = Transcript(segments, results).replaced(self._destination.replacements)
        if self._terminal.json or self._writes_json:
            self._segments += segments
            self._results += transcript.results
        self._write(self._rendered(transcript))

    def finish(self, seconds: float) -> None:
        """Complete the output of a recording of `seconds`."""
        value = self._json(seconds)
        if self._file:
            if self._writes_json:
                self._file.write(encoded(json_line(value)))
            self._file.write(encoded(self._header))
            self._file.close()
        if self._terminal.json or (self._writes_json and not self._file):
            self._terminal.result_json(value)

    def set_aside(self) -> Path | None:
        """Save an incomplete transcript under another name, which is returned."""
        if isinstance(self._file, AtomicFile) and self._file.file.tell():
            return self._file.set_aside()
        if self._file:
            self._file.abort()
        return None

    @property
    def _writes_json(self) -> bool:
        return self._destination.format is TranscriptFormat.JSON

    def _rendered(self, transcript: Transcript) -> str:
        if self._writes_json or not transcript.text.strip():
            return ""
        if self._destination.format is TranscriptFormat.JSONL:
            return utterance_line(transcript, self._destination.options)
        return self._renderer.add(transcript)

    def _write(self, text: str) -> None:
        if not text:
            return
        text, self._header = self._header + text, ""
        if self._file:
            self._file.write(encoded(text))
        elif not self._terminal.json:
            write_result(self._terminal, self._destination.format, text)

    def _json(self, seconds: float) -> dict[str, Any]:
        metadata = self._destination.metadata(0)
        if not self._segments:
            return empty_json(metadata, seconds)
        transcript = Transcript(self._segments, self._results)
        value = transcript_json(transcript, metadata, self._destination.style)
        return value | {"duration": round(seconds, 3)}


@contextmanager
def live_writer(destination: TranscriptDestination) -> Iterator[LiveWriter]:
    """Yield a writer. Raise UsageError before recording if the file cannot be written."""
    writer = LiveWriter(destination)
    try:
        yield writer
    except BaseException:
        if path := writer.set_aside():
            destination.terminal.info(f"the transcript so far is kept: {path}")
        raise
