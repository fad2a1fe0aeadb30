"""The destination of transcripts: stdout, one file, or a directory with one file per input."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stepcli.cli.context import Run
from stepcli.cli.error_report import describe
from stepcli.cli.io.audio_input import AudioInput
from stepcli.cli.io.output import (
    STDOUT,
    check_output,
    output_directory,
    output_format,
)
from stepcli.cli.io.progress import format_clock
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.transcription_options import RecognitionSettings, TranscriptOptions
from stepcli.errors import UsageError
from stepcli.subtitles.formats import DEFAULT_STYLE, CueStyle
from stepcli.tasks.transcription.render import (
    json_line,
    render,
    transcript_json,
)
from stepcli.tasks.transcription.run import InputResult
from stepcli.tasks.transcription.transcript import (
    TRANSCRIPT_EXTENSIONS,
    Transcript,
    TranscriptFormat,
)
from stepcli.text.replacements import Replacements


@dataclass(frozen=True, slots=True)
class TranscriptDestination:
    """Where transcripts go: the file `output`, `directory`, or stdout if both are None.

    `options` are the JSON fields about the recognition options; `replacements` change what is
    written; `style` is that of cues; text is divided into `paragraphs`. `has_several_inputs`
    decides on headings and the shape of JSON; `skipped` inputs are not among `inputs` any more.
    """

    inputs: Sequence[AudioInput]
    output: str | None
    directory: Path | None
    format: TranscriptFormat
    terminal: Terminal
    options: Mapping[str, Any]
    replacements: Replacements
    style: CueStyle = DEFAULT_STYLE
    paragraphs: bool = False
    has_several_inputs: bool = False
    skipped: int = 0

    @classmethod
    def from_options(
        cls,
        run: Run,
        options: TranscriptOptions,
        inputs: Sequence[AudioInput],
        recognition: RecognitionSettings,
        style: CueStyle,
    ) -> TranscriptDestination:
        """Return the selected destination. Raise UsageError where options conflict."""
        output, directory = _one_of(options.output, options.output_dir, run.given)
        _check_json(run, output, directory)
        is_given = "format" in run.given
        format = output_format(
            options.format, output, TRANSCRIPT_EXTENSIONS, is_given=is_given, force="--format text"
        )
        if "paragraphs" in run.given and (format or TranscriptFormat.TEXT) != TranscriptFormat.TEXT:
            raise UsageError(f"--paragraphs requires the format text, not {format}")
        destination = cls(
            inputs,
            None if output == STDOUT else output,
            directory,
            format or TranscriptFormat.TEXT,
            run.terminal,
            recognition.to_json(),
            options.replacements(run.environ),
            style,
            options.paragraphs,
            len(inputs) > 1,
        )
        _check_joinable(destination)
        _check_paths(destination)
        return destination.without_existing() if options.skip_existing else destination

    def without_existing(self) -> TranscriptDestination:
        """Return the destination of the inputs that have no transcript yet.

        Raise UsageError if transcripts are not written to files.
        """
        if not (self.directory or self.output):
            raise UsageError("--skip-existing requires -o FILE or --output-dir DIR")
        missing = [one for one in self.inputs if not os.path.exists(self._file(one))]  # noqa: PTH110 - never raises
        return replace(self, inputs=missing, skipped=len(self.inputs) - len(missing))

    def rendered(self, transcript: Transcript, format: TranscriptFormat) -> str:
        """Return `transcript` as the content of a file."""
        return render(transcript, format, self.style, paragraphs=self.paragraphs)

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
        return bool(self.output or self.directory) and self.terminal.reports_files

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


def _one_of(
    output: str | None, directory: Path | None, given: frozenset[str]
) -> tuple[str | None, Path | None]:
    """Return one destination; options override defaults. Raise UsageError for two options."""
    if not (output and directory):
        return output, directory
    if {"output", "output_dir"} <= given:
        raise UsageError("-o FILE and --output-dir DIR cannot be combined")
    return (None, directory) if "output_dir" in given else (output, None)


def _check_json(run: Run, output: str | None, directory: Path | None) -> None:
    """Raise UsageError if `--json` and another format would both go to stdout."""
    takes_format = output or directory or "format" not in run.given
    if run.terminal.json and (output == STDOUT or not takes_format):
        raise UsageError(
            "--json already writes to stdout",
            hint="write the other format to a file with -o FILE",
        )


def _check_joinable(destination: TranscriptDestination) -> None:
    """Raise UsageError if several transcripts would go to one file that can hold only one."""
    is_joined = destination.has_several_inputs and destination.directory is None
    if is_joined and not destination.format.joinable:
        count, format = len(destination.inputs), destination.format
        raise UsageError(
            f"{count} inputs cannot be combined in one {format} file",
            hint="use --output-dir DIR to write a file for each input",
        )


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
