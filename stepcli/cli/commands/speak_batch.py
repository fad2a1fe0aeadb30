"""``stepcli speak --batch``: convert each line of a file to an audio file."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcli.api.speech import SpeechRequest, check
from stepcli.cli.commands.speak_text import output_speech
from stepcli.cli.commands.speech_plan import SpeechPlanOptions, settle_plan
from stepcli.cli.context import Run
from stepcli.cli.error_report import describe, hint_on_failure, report
from stepcli.cli.io.audio_output import AudioOutput
from stepcli.cli.io.output import output_directory
from stepcli.cli.io.progress import progress
from stepcli.cli.io.speech_output import SpeechOutput
from stepcli.cli.io.subtitle_output import SubtitleOutput
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import directions_in, note_directions, read_text
from stepcli.cli.params.speech_options import BatchOptions
from stepcli.cli.params.voice_names import suggesting_voices, voice_id, warn_about_voices
from stepcli.errors import OutputError, StepcliError, UsageError
from stepcli.settings import state_dir
from stepcli.storage.delivered_files import DeliveredFiles
from stepcli.tasks.concurrency import as_completed
from stepcli.tasks.speech.requests import BatchLine, read_batch, requests_for
from stepcli.text.preparation import Preparation

if TYPE_CHECKING:
    from stepcli.api.client import Client


_RESUME_HINT = "the same command with --skip-existing speaks only the lines that have no file yet"


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance, its requests, its outputs, and its number of stage directions."""

    utterance: BatchLine
    requests: list[SpeechRequest]
    output: SpeechOutput
    directions: int

    @property
    def path(self) -> Path:
        assert self.output.audio.output is not None
        return Path(self.output.audio.output)

    @property
    def label(self) -> str:
        """The line as errors name it, with its id if it has one."""
        line, name = self.utterance.line, self.utterance.name
        return f"line {line}" if name.lstrip("0") == str(line) else f"{name} (line {line})"

    @property
    def exists(self) -> bool:
        return os.path.exists(self.path)  # noqa: PTH110 - Path.exists raises OSError


def speak_batch(
    run: Run,
    options: BatchOptions,
    defaults: SpeechRequest,
    preparation: Preparation,
    subtitles: SubtitleOutput,
    plan: SpeechPlanOptions,
) -> int:
    """Speak every utterance of the batch and return the exit code.

    It is that of the failure that stopped the batch, otherwise that of the first failed line.
    """
    batch, directory = options.batch, options.output_dir
    assert batch is not None
    if directory is None:
        raise UsageError("--batch needs --output-dir DIR")
    lines = read_batch(read_text((), batch, run.terminal), defaults, preparation)
    entries = [_entry(line, directory, run, subtitles) for line in lines]
    selected = [entry for entry in entries if not (options.skip_existing and entry.exists)]
    delivered = _Delivered.of(run, directory)
    made = [one for entry in selected if (one := delivered.find(entry))]
    made_lines = {one.entry.utterance.line for one in made}
    wanted = [entry for entry in selected if entry.utterance.line not in made_lines]
    requests = [request for one in wanted for request in one.requests]
    warn_about_voices(requests, run.terminal.info)
    note_directions(run.terminal, sum(one.directions for one in wanted))
    _note_made(run.terminal, len(made))
    labels = [one.utterance.name for one in wanted for _ in one.requests]
    if (code := settle_plan(run, plan, requests, labels)) is not None:
        return code
    output_directory(directory)
    outcomes = _BatchRun(run, delivered).speak(wanted, made, plan.jobs)
    return _report(run.terminal, outcomes, skipped=len(entries) - len(selected))


def _entry(line: BatchLine, directory: Path, run: Run, subtitles: SubtitleOutput) -> Entry:
    try:
        return _checked_entry(line, directory, run, subtitles)
    except UsageError as failure:
        failure.add_context(f"line {line.line}")
        raise


def _checked_entry(line: BatchLine, directory: Path, run: Run, subtitles: SubtitleOutput) -> Entry:
    request = replace(
        line.request,
        voice=voice_id(line.request.voice, run.environ),
        text=line.preparation.apply(line.request.text),
    )
    directions = directions_in(request.text, request.model, line.preparation)
    path = directory / f"{line.name}.{request.format.value}"
    audio_output = AudioOutput(run.terminal, str(path), request.format, plays=False)
    output = SpeechOutput(audio_output, subtitles.beside(path))
    requests = requests_for(output.apply_to(request))
    for one in requests:
        check(one)
    return Entry(line, requests, output, directions)


def _note_made(terminal: Terminal, count: int) -> None:
    """Say that files are left as an earlier run made them, and how to have them made again."""
    if count:
        what = "1 file is" if count == 1 else f"{count:,} files are"
        terminal.info(
            f"{what} unchanged since an earlier run made the same request; "
            "delete a file to have its line spoken again"
        )


@dataclass(frozen=True, slots=True)
class _Delivered:
    """The files that earlier runs have made at `base`; none in a private sandbox."""

    base: str
    files: DeliveredFiles | None

    @classmethod
    def of(cls, run: Run, directory: Path) -> _Delivered:
        if run.connection.sandbox:
            return cls("", None)
        return cls(str(run.base_url), DeliveredFiles(state_dir() / "delivered", directory))

    def find(self, entry: Entry) -> _BatchOutcome | None:
        """Return the outcome of an earlier run for the same requests, if its file is unchanged."""
        if self.files is None or not entry.output.subtitles.exists:
            return None
        size = self.files.size_of(entry.path, self._request(entry))
        return None if size is None else _BatchOutcome(entry, size, reused=True)

    def add(self, entry: Entry) -> None:
        if self.files:
            self.files.add(entry.path, self._request(entry))

    def _request(self, entry: Entry) -> list[Any]:
        requests = [request.to_json() for request in entry.requests]
        return [self.base, *requests, *entry.output.subtitles.identity]


@dataclass(frozen=True, slots=True)
class _BatchOutcome:
    """What became of a line: a file of `size` bytes, a failure, or neither if it was not tried."""

    entry: Entry
    size: int | None
    failure: StepcliError | None = None
    reused: bool = False

    @property
    def is_tried(self) -> bool:
        return self.size is not None or self.failure is not None

    def to_json(self) -> dict[str, Any]:
        fields = {"id": self.entry.utterance.name, "line": self.entry.utterance.line}
        if self.failure:
            return fields | {"error": describe(self.failure)}
        return fields | {
            "output": str(self.entry.path),
            "bytes": self.size,
            "reused": self.reused,
        }


@dataclass(frozen=True, slots=True)
class _BatchRun:
    """Speaks lines until a failure affects them all; then finishes only those under way."""

    run: Run
    delivered: _Delivered
    stopped: threading.Event = field(default_factory=threading.Event)

    def speak(
        self, wanted: list[Entry], made: list[_BatchOutcome], jobs: int | None
    ) -> list[_BatchOutcome]:
        """Speak the wanted entries; print the path of each file as soon as it is finished.

        The files that an earlier run has made come first.
        """
        for outcome in made:
            self._print(outcome)
        spoken = self._speak_all(wanted, jobs) if wanted else ()
        return sorted([*made, *spoken], key=lambda outcome: outcome.entry.utterance.line)

    def _speak_all(self, wanted: list[Entry], jobs: int | None) -> Iterator[_BatchOutcome]:
        with (
            self.run.parallel_client(jobs) as (client, limit),
            hint_on_failure(lambda: _RESUME_HINT),
            progress(self.run.terminal, len(wanted)) as show,
        ):
            finished = as_completed(wanted, partial(self._speak, client), limit)
            for count, one in enumerate(finished, 1):
                outcome = _BatchOutcome(one.item, one.result, one.failure)
                show(count)
                self._print(outcome)
                yield outcome

    def _print(self, outcome: _BatchOutcome) -> None:
        if outcome.size is not None and not self.run.terminal.json:
            self.run.terminal.result(str(outcome.entry.path))

    def _speak(self, client: Client, entry: Entry) -> int | None:
        """Speak `entry` into its file; return its size, or None if the batch has stopped."""
        if self.stopped.is_set():
            return None
        job = ["batch", entry.utterance.name]
        try:
            with suggesting_voices(client.endpoint.plan, self.run.environ):
                speech = output_speech(client, entry.requests, entry.output, job=job)
        except StepcliError as failure:
            failure.add_context(entry.label)
            if _affects_all_lines(failure):
                self.stopped.set()
            raise
        self.delivered.add(entry)
        return speech.size


def _affects_all_lines(failure: StepcliError) -> bool:
    """Return whether the account is refused, or the disk of the directory fails."""
    return failure.affects_all_requests or isinstance(failure, OutputError)


def _report(terminal: Terminal, outcomes: list[_BatchOutcome], skipped: int) -> int:
    tried = [one for one in outcomes if one.is_tried]
    failures = [one.failure for one in tried if one.failure is not None]
    failures.sort(key=lambda failure: not _affects_all_lines(failure))
    not_tried = len(outcomes) - len(tried)
    if terminal.json:
        files = [one.to_json() for one in tried]
        terminal.result_json({"files": files, "skipped": skipped, "not_tried": not_tried})
        if failures:
            failures[0].add_hint(_RESUME_HINT)
            report(failures[0], terminal)
    else:
        _print_failures(terminal, failures)
        reused = sum(one.reused for one in tried)
        summary = [f"{len(tried) - len(failures) - reused} spoken", f"{len(failures)} failed"]
        summary += [f"{skipped + reused} already there"]
        summary += [f"{not_tried} not tried"] if not_tried else []
        terminal.info(", ".join(summary))
    return failures[0].exit_code if failures else 0


def _print_failures(terminal: Terminal, failures: list[StepcliError]) -> None:
    """Print a sentence for each failure, and each hint once."""
    for failure in failures:
        trace = f" [trace id {failure.trace_id}]" if failure.trace_id else ""
        terminal.say(f"stepcli: error: {failure.message}{trace}")
    hints = [failure.hint for failure in failures if failure.hint]
    for hint in dict.fromkeys([*hints, _RESUME_HINT] if failures else ()):
        terminal.say(f"hint: {hint}")
