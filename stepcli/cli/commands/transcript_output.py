"""Output of transcripts: stdout, one file, or a directory with one file per input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
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
    open_output,
    output_directory,
)
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import OutputError, StepcliError, UsageError
from stepcli.storage.atomic_file import AtomicFile, completed
from stepcli.tasks.transcription.render import (
    Continued,
    delta_line,
    described,
    json_line,
    render,
    silent,
    utterance_line,
)
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.run import DeltaReceived, InputResult
from stepcli.tasks.transcription.transcript import Transcript, TranscriptFormat

Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TranscriptsOut:
    """The selected output: ``output`` (None is stdout) or ``directory``, and a format."""

    inputs: Sequence[AudioInput]
    output: str | None
    directory: Path | None
    format: TranscriptFormat
    terminal: Terminal
    about: Mapping[str, Any]
    """The JSON fields about the recognition options."""

    @contextmanager
    def opened(self) -> Iterator[Outs]:
        """Yield a writer of results. A file appears if the block succeeds and no input failed.

        Raise UsageError if the output cannot be written, before anything is sent.
        """
        with suppress(_Incomplete), ExitStack() as stack:
            outs = Outs(list(self._outs(stack)))
            yield outs
            outs.finish()
            if outs.failed:
                raise _Incomplete

    def _outs(self, stack: ExitStack) -> Iterator[Out]:
        if self.terminal.json or not (self.directory or self.output):
            self.terminal.check_stdout()
        if self.directory is not None:
            output_directory(self.directory)
            yield _Separate(self)
        elif self.output is not None:
            sink = open_output(self.output, self.terminal, binary=False)
            stack.enter_context(completed(sink))
            yield _Joined(self, self.format, lambda text: sink.write(encoded(text)))
        elif not self.terminal.json:
            yield _Joined(self, self.format, partial(write_result, self.terminal, self.format))
        if self.terminal.json:
            write = partial(write_result, self.terminal, TranscriptFormat.JSON)
            yield _Joined(self, TranscriptFormat.JSON, write)

    def path(self, one: AudioInput) -> Path | None:
        """Return the output file for the transcript of ``one``."""
        if self.directory is not None:
            return self.directory / f"{one.stem}{self.format.extension}"
        return Path(self.output) if self.output else None

    def unwritable(self) -> dict[int, UsageError]:
        """Return why the file of an input cannot be written, by the number of the input.

        Raises UsageError for a directory that cannot be written at all.
        """
        if self.directory is None:
            return {}
        output_directory(self.directory)
        found = {}
        for number, one in enumerate(self.inputs):
            try:
                check_output(str(self.path(one)), self.terminal)
            except UsageError as error:
                found[number] = error
        return found

    def destination(self) -> Path | None:
        """Return the output file of a single input, or None for stdout."""
        if self.directory is not None:
            output_directory(self.directory)
        return self.path(self.inputs[0])

    def told(self, number: int) -> dict[str, Any]:
        """Return the JSON fields about input ``number`` other than its transcript."""
        one = self.inputs[number]
        path = self.path(one)
        output = {"output": str(path)} if path else {}
        return {"input": one.name, **output, **self.about}

    @property
    def timed(self) -> bool:
        return self.format.timed or self.terminal.json

    @property
    def streams(self) -> bool:
        """Return whether deltas are written as they arrive."""
        return self.format is TranscriptFormat.JSONL

    @property
    def several(self) -> bool:
        return len(self.inputs) > 1


def write_result(terminal: Terminal, format: TranscriptFormat, text: str) -> None:
    """Write ``text``, a transcript in ``format`` or a part of one, to stdout."""
    text = text.removesuffix("\n")
    if format in (TranscriptFormat.JSON, TranscriptFormat.JSONL):
        terminal.json_text(text)
    else:
        terminal.text(text)


class _Incomplete(Exception):
    """An input failed, so the file for all transcripts must not appear."""


class Out(Protocol):
    """A writer of deltas and outcomes in order, followed by ``finish``."""

    def heard(self, heard: DeltaReceived) -> None: ...

    def outcome(self, outcome: InputResult) -> InputResult:
        """Write `outcome`; return it, or the failure to write it to a file of its own."""

    def finish(self) -> None: ...


@dataclass(slots=True)
class Outs:
    """Several writers as one; ``failed`` is whether any input failed."""

    each: list[Out]
    failed: bool = False

    def heard(self, heard: DeltaReceived) -> None:
        for out in self.each:
            out.heard(heard)

    def outcome(self, outcome: InputResult) -> InputResult:
        """Write `outcome`; return what became of its input."""
        for out in self.each:
            outcome = out.outcome(outcome)
        self.failed = self.failed or isinstance(outcome.result, StepcliError)
        return outcome

    def finish(self) -> None:
        for out in self.each:
            out.finish()


def transcripts_out(
    inputs: Sequence[AudioInput],
    output: str | None,
    directory: Path | None,
    format: TranscriptFormat | None,
    run: Run,
    about: Mapping[str, Any],
) -> TranscriptsOut:
    """Return the output that the options select. Raise UsageError if options contradict."""
    output, directory = _one_of(output, directory, run.given)
    terminal = run.terminal
    takes_format = output or directory or "format" not in run.given
    if terminal.json and (output == STDOUT or not takes_format):
        raise UsageError("--json already writes to stdout", hint="-o FILE takes the other format")
    if format is None and output is not None:
        format = TranscriptFormat.of_name(output)
    output = None if output == STDOUT else output
    format = format or TranscriptFormat.TEXT
    chosen = TranscriptsOut(inputs, output, directory, format, terminal, about)
    if chosen.several and directory is None and not format.joinable:
        raise UsageError(
            f"{len(inputs)} inputs do not make one {format} file",
            hint="--output-dir DIR writes one for each",
        )
    _check_paths(chosen)
    return chosen


def _one_of(
    output: str | None, directory: Path | None, given: frozenset[str]
) -> tuple[str | None, Path | None]:
    """Return one destination; options override defaults. Raise UsageError for two options."""
    if not (output and directory):
        return output, directory
    if {"output", "output_dir"} <= given:
        raise UsageError("give -o FILE or --output-dir DIR, not both")
    return (None, directory) if "output_dir" in given else (output, None)


def _check_paths(chosen: TranscriptsOut) -> None:
    """Raise UsageError if a transcript would overwrite an input or another transcript."""
    made: dict[str, AudioInput] = {}
    for one in chosen.inputs:
        path = chosen.path(one)
        if path is None:
            continue
        if any(_same(path, other.path) for other in chosen.inputs):
            raise UsageError(f"the transcript would overwrite a sound: {path}")
        other = made.setdefault(str(path).casefold(), one)
        if chosen.directory and other is not one:
            raise UsageError(
                f"{other.name} and {one.name} would both be written to {path}",
                hint="transcribe them into different directories",
            )


def _same(path: Path, other: Path) -> bool:
    with suppress(OSError):
        return path.samefile(other)
    return False


class _Joined:
    """A writer of all transcripts, one after another."""

    def __init__(self, chosen: TranscriptsOut, format: TranscriptFormat, write: Write) -> None:
        self._chosen = chosen
        self._format = format
        self._write = write
        self._objects: list[dict[str, Any]] = []

    def heard(self, heard: DeltaReceived) -> None:
        if self._format is TranscriptFormat.JSONL:
            self._write(delta_line(heard, self._input(heard.input)))

    def outcome(self, outcome: InputResult) -> InputResult:
        told, result = self._chosen.told(outcome.input), outcome.result
        match self._format:
            case TranscriptFormat.JSON:
                self._objects.append(_object(told, result))
            case TranscriptFormat.JSONL:
                self._write(_last_line(told, result))
            case _ if isinstance(result, Transcript):
                label = self._chosen.inputs[outcome.input].label
                header = f"==> {label} <==\n" if self._chosen.several else ""
                self._write(header + render(result, self._format))
        return outcome

    def finish(self) -> None:
        if self._format is not TranscriptFormat.JSON:
            return
        if self._chosen.several:
            self._write(json_line({"transcripts": self._objects}))
        else:
            self._write(json_line(self._objects[0]))

    def _input(self, number: int) -> dict[str, str]:
        return {"input": self._chosen.inputs[number].name} if self._chosen.several else {}


class _Separate:
    """A writer of one file per transcript in a directory."""

    def __init__(self, chosen: TranscriptsOut) -> None:
        self._chosen = chosen
        self._lines: list[str] = []

    def heard(self, heard: DeltaReceived) -> None:
        if self._chosen.format is TranscriptFormat.JSONL:
            self._lines.append(delta_line(heard, {}))

    def outcome(self, outcome: InputResult) -> InputResult:
        """Write a file. Its failure is that of one input, not of the run."""
        lines, self._lines = self._lines, []
        path = self._chosen.path(self._chosen.inputs[outcome.input])
        if not isinstance(outcome.result, Transcript) or not path:
            return outcome
        text = self._text(self._chosen.told(outcome.input), outcome.result, lines)
        try:
            with completed(open_output(str(path), self._chosen.terminal, binary=False)) as output:
                output.write(encoded(text))
        except (OutputError, UsageError) as error:
            return InputResult(outcome.input, error)
        return outcome

    def finish(self) -> None:
        """Each file is complete."""

    def _text(self, told: Mapping[str, Any], transcript: Transcript, lines: list[str]) -> str:
        match self._chosen.format:
            case TranscriptFormat.JSON:
                return json_line(described(transcript, told))
            case TranscriptFormat.JSONL:
                return "".join([*lines, _last_line(told, transcript)])
        return render(transcript, self._chosen.format)


def _object(told: Mapping[str, Any], result: Transcript | StepcliError) -> dict[str, Any]:
    if isinstance(result, Transcript):
        return described(result, told)
    return {**told, "error": describe(result)}


def _last_line(told: Mapping[str, Any], result: Transcript | StepcliError) -> str:
    kind = "done" if isinstance(result, Transcript) else "error"
    return json_line({"type": kind, **_object(told, result)})


class LiveOut:
    """A writer of utterances in order. A file is complete after ``finish`` only."""

    def __init__(self, chosen: TranscriptsOut) -> None:
        self._chosen = chosen
        self._terminal = chosen.terminal
        self._continued = Continued(chosen.format)
        self._segments: list[Segment] = []
        self._answers: list[RecognitionResult] = []
        path = chosen.destination()
        self._file = open_output(str(path), self._terminal, binary=False) if path else None
        self._to_open = self._continued.opening

    def add(self, segment: Segment, answer: RecognitionResult) -> None:
        if self._gathers:
            self._segments.append(segment)
            self._answers.append(answer)
        self._write(self._bit(Transcript([segment], [answer])))

    def finish(self, seconds: float) -> None:
        """Complete the output of a recording of the given seconds."""
        told = self._described(seconds)
        if self._file:
            if self._chosen.format is TranscriptFormat.JSON:
                self._file.write(encoded(json_line(told)))
            self._file.write(encoded(self._to_open))
            self._file.close()
        if self._terminal.json or (self._chosen.format is TranscriptFormat.JSON and not self._file):
            self._terminal.result_json(told)

    def set_aside(self) -> Path | None:
        """Save an incomplete transcript under another name than the file's."""
        if isinstance(self._file, AtomicFile) and self._file.file.tell():
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
            self._file.write(encoded(bit))
        elif not self._terminal.json:
            write_result(self._terminal, self._chosen.format, bit)

    def _described(self, seconds: float) -> dict[str, Any]:
        about = self._chosen.told(0)
        if not self._segments:
            return silent(about, seconds)
        told = described(Transcript(self._segments, self._answers), about)
        return told | {"duration": round(seconds, 3)}


@contextmanager
def live_out(chosen: TranscriptsOut) -> Iterator[LiveOut]:
    """Return the writer. Raise UsageError before recording if the file cannot be written."""
    out = LiveOut(chosen)
    try:
        yield out
    except BaseException:
        if path := out.set_aside():
            chosen.terminal.note(f"stepcli: what was understood so far is kept: {path}")
        raise
