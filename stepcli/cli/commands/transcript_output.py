"""Output of transcripts: stdout, one file, or a directory with one file per input."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from stepcli.audio.segments import Segment
from stepcli.cli.context import Run
from stepcli.cli.error_report import describe
from stepcli.cli.io.audio_input import AudioInput
from stepcli.cli.io.output import (
    STDOUT,
    check_output,
    encoded,
    format_of_output,
    open_output,
    output_directory,
)
from stepcli.cli.io.progress import format_clock
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import OutputError, UsageError
from stepcli.storage.atomic_file import AtomicFile, completed
from stepcli.subtitles.formats import DEFAULT_STYLE, CueStyle
from stepcli.tasks.transcription.render import (
    ContinuedRenderer,
    delta_line,
    empty_json,
    json_line,
    render,
    transcript_json,
    utterance_line,
)
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.run import DeltaReceived, InputResult
from stepcli.tasks.transcription.summary import Summary
from stepcli.tasks.transcription.transcript import (
    TRANSCRIPT_EXTENSIONS,
    Transcript,
    TranscriptFormat,
)
from stepcli.text.replacements import Replacements

Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TranscriptDestination:
    """Where transcripts go: the file `output`, `directory`, or stdout if both are None.

    `options` are the JSON fields about the recognition options; `replacements` change what is
    written; `style` is that of cues. `has_several_inputs` decides on headings and the shape of
    JSON; `skipped` inputs are not among `inputs` any more.
    """

    inputs: Sequence[AudioInput]
    output: str | None
    directory: Path | None
    format: TranscriptFormat
    terminal: Terminal
    options: Mapping[str, Any]
    replacements: Replacements
    style: CueStyle = DEFAULT_STYLE
    has_several_inputs: bool = False
    skipped: int = 0

    @classmethod
    def from_options(
        cls,
        inputs: Sequence[AudioInput],
        output: str | None,
        directory: Path | None,
        format: TranscriptFormat | None,
        run: Run,
        options: Mapping[str, Any],
        replacements: Replacements,
        style: CueStyle,
    ) -> TranscriptDestination:
        """Return the selected destination. Raise UsageError where options conflict."""
        output, directory = _one_of(output, directory, run.given)
        terminal = run.terminal
        takes_format = output or directory or "format" not in run.given
        if terminal.json and (output == STDOUT or not takes_format):
            raise UsageError(
                "--json already writes to stdout",
                hint="write the other format to a file with -o FILE",
            )
        if format is None and output is not None:
            format = format_of_output(output, TRANSCRIPT_EXTENSIONS, "--format text")
        output = None if output == STDOUT else output
        format = format or TranscriptFormat.TEXT
        several = len(inputs) > 1
        destination = cls(
            inputs, output, directory, format, terminal, options, replacements, style, several
        )
        if destination.has_several_inputs and directory is None and not format.joinable:
            raise UsageError(
                f"{len(inputs)} inputs cannot be combined in one {format} file",
                hint="use --output-dir DIR to write a file for each input",
            )
        _check_paths(destination)
        return destination

    def without_existing(self) -> TranscriptDestination:
        """Return the destination of the inputs that have no transcript yet.

        Raise UsageError if transcripts are not written to files.
        """
        if not (self.directory or self.output):
            raise UsageError("--skip-existing requires -o FILE or --output-dir DIR")
        missing = [one for one in self.inputs if not os.path.exists(self._file(one))]  # noqa: PTH110 - never raises
        return replace(self, inputs=missing, skipped=len(self.inputs) - len(missing))

    @contextmanager
    def open(self, summary: Summary) -> Iterator[WriterGroup]:
        """Yield a writer that counts results in `summary`.

        The file appears if the block succeeds and every input has a transcript.

        Raise UsageError if the output cannot be written, before anything is sent.
        """
        with suppress(_IncompleteError), ExitStack() as stack:
            writers = WriterGroup(
                list(self._writers(stack)), self.replacements, summary, measure=self.measured
            )
            yield writers
            writers.finish()
            if summary.errors:
                raise _IncompleteError
            stack.close()
            if self.output is not None:
                self.report_written(self.output, writers.cues, writers.seconds)

    def measured(self, transcript: Transcript) -> tuple[int, float]:
        """Return the cues of `transcript` in the format of the file, and its seconds."""
        if not self._is_reported:
            return 0, 0.0
        cues = render(transcript, self.format, self.style).count("-->")
        return cues, transcript.duration

    def report_written(self, path: object, cues: int, seconds: float) -> None:
        """Report on a terminal that the file `path` is complete."""
        if self._is_reported:
            counted = f"{cues:,} cue{'' if cues == 1 else 's'}, " if cues else ""
            self.terminal.note(f"wrote {path}: {counted}{format_clock(seconds)}")

    @property
    def _is_reported(self) -> bool:
        terminal = self.terminal
        files = self.output is not None or self.directory is not None
        return files and terminal.stderr_is_terminal and not (terminal.json or terminal.quiet)

    def _writers(self, stack: ExitStack) -> Iterator[TranscriptWriter]:
        if self.terminal.json or not (self.directory or self.output):
            self.terminal.check_stdout()
        if self.directory is not None:
            output_directory(self.directory)
            yield _DirectoryWriter(self)
        elif self.output is not None:
            output = stack.enter_context(
                completed(open_output(self.output, self.terminal, binary=False))
            )
            yield _CombinedWriter(self, self.format, lambda text: output.write(encoded(text)))
        elif not self.terminal.json:
            write = partial(write_result, self.terminal, self.format)
            yield _CombinedWriter(self, self.format, write)
        if self.terminal.json:
            write = partial(write_result, self.terminal, TranscriptFormat.JSON)
            yield _CombinedWriter(self, TranscriptFormat.JSON, write)

    def path(self, one: AudioInput) -> Path | None:
        """Return the file for the transcript of `one`; None for stdout."""
        if self.directory is not None:
            return self.directory / f"{one.stem}{self.format.extension}"
        return Path(self.output) if self.output else None

    def _file(self, one: AudioInput) -> Path:
        path = self.path(one)
        assert path, "the transcript goes to stdout"
        return path

    def unwritable(self) -> dict[int, UsageError]:
        """Return why the file of an input cannot be written, by the number of the input.

        Raise UsageError if the directory cannot be written at all.
        """
        if self.directory is None:
            return {}
        output_directory(self.directory)
        found = {}
        for number, one in enumerate(self.inputs):
            path = self._file(one)
            try:
                output_directory(path.parent)
                check_output(str(path), self.terminal)
            except UsageError as error:
                found[number] = error
        return found

    def single_path(self) -> Path | None:
        """Return the file of the only input, in an existing directory; None for stdout."""
        if self.directory is not None:
            output_directory(self.directory)
        return self.path(self.inputs[0])

    def metadata(self, number: int) -> dict[str, Any]:
        """Return the JSON fields of an input other than its transcript."""
        one = self.inputs[number]
        path = self.path(one)
        output = {"output": str(path)} if path else {}
        return {"input": one.name, **output, **self.options}

    def result_json(self, result: InputResult) -> dict[str, Any]:
        """Return the JSON object of the transcript of an input, or of its error."""
        metadata = self.metadata(result.input)
        if isinstance(result.result, Transcript):
            return transcript_json(result.result, metadata, self.style)
        return {**metadata, "error": describe(result.result)}

    def result_line(self, result: InputResult) -> str:
        """Return the last line of jsonl about an input."""
        kind = "done" if isinstance(result.result, Transcript) else "error"
        return json_line({"type": kind, **self.result_json(result)})

    @property
    def timed(self) -> bool:
        """Whether the output contains times."""
        return self.format.timed or self.terminal.json

    @property
    def writes_deltas(self) -> bool:
        """Whether deltas are written as they arrive."""
        return self.format is TranscriptFormat.JSONL


def write_result(terminal: Terminal, format: TranscriptFormat, text: str) -> None:
    """Write `text`, a transcript in `format` or a part of one, to stdout."""
    text = text.removesuffix("\n")
    if format in (TranscriptFormat.JSON, TranscriptFormat.JSONL):
        terminal.json_text(text)
    else:
        terminal.text(text)


def _one_of(
    output: str | None, directory: Path | None, given: frozenset[str]
) -> tuple[str | None, Path | None]:
    """Return one destination; options override defaults. Raise UsageError for two options."""
    if not (output and directory):
        return output, directory
    if {"output", "output_dir"} <= given:
        raise UsageError("-o FILE and --output-dir DIR cannot be combined")
    return (None, directory) if "output_dir" in given else (output, None)


def _check_paths(destination: TranscriptDestination) -> None:
    """Raise UsageError if a transcript would overwrite an input or another transcript."""
    taken: dict[str, AudioInput] = {}
    inputs = {identity for one in destination.inputs if (identity := _identity(one.path))}
    for one in destination.inputs:
        path = destination.path(one)
        if path is None:
            continue
        if _identity(path) in inputs:
            raise UsageError(f"the transcript would overwrite an input: {path}")
        other = taken.setdefault(str(path).casefold(), one)
        if destination.directory and other is not one:
            raise UsageError(
                f"{other.name} and {one.name} would both be written to {path}",
                hint="use a different --output-dir for each",
            )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what is the same for all names of a file; None if there is no such file."""
    with suppress(OSError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None


class _IncompleteError(Exception):
    """An input failed, so the file with all transcripts must not appear."""


class TranscriptWriter(Protocol):
    """Takes deltas and results in order, then `finish`."""

    def add_delta(self, delta: DeltaReceived) -> None: ...

    def add_result(self, result: InputResult) -> InputResult:
        """Write `result`; return it, or the error of writing it to a file of its own."""

    def finish(self, summary: Summary) -> None: ...


@dataclass(slots=True)
class WriterGroup:
    """Several writers as one, after `replacements`; `summary` counts the results."""

    writers: list[TranscriptWriter]
    replacements: Replacements
    summary: Summary
    measure: Callable[[Transcript], tuple[int, float]] = lambda _: (0, 0.0)
    cues: int = 0
    seconds: float = 0.0

    def add_delta(self, received: DeltaReceived) -> None:
        delta = replace(received.delta, text=self.replacements(received.delta.text))
        for writer in self.writers:
            writer.add_delta(replace(received, delta=delta))

    def add_result(self, result: InputResult) -> InputResult:
        """Write `result`; return it, or the error of writing it."""
        if isinstance(result.result, Transcript):
            transcript = result.result.replaced(self.replacements)
            cues, seconds = self.measure(transcript)
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
                text = render(result.result, self._format, self._destination.style)
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
        return render(transcript, self._destination.format, self._destination.style)


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
            destination.terminal.note(f"stepcli: the transcript so far is kept: {path}")
        raise
