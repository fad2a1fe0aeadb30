"""``stepcli speak --batch``: convert each line of a file to an audio file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcli.api.speech import SpeechRequest, check
from stepcli.audio_types import AudioFormat
from stepcli.cli.commands.speak_text import output_speech
from stepcli.cli.commands.speech_plan import PlanOptions, settle_plan
from stepcli.cli.context import Run
from stepcli.cli.error_report import describe, hint_on_failure, report
from stepcli.cli.io.audio_output import AudioOutput
from stepcli.cli.io.output import output_directory
from stepcli.cli.io.progress import progress
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import directions_in, note_directions, read_text
from stepcli.cli.params.voice_names import suggesting_voices, voice_id, warn_about_voices
from stepcli.errors import StepcliError, UsageError
from stepcli.tasks.concurrency import Outcome, as_completed
from stepcli.tasks.speech.requests import BatchLine, read_batch, requests_for
from stepcli.text.preparation import Preparation

if TYPE_CHECKING:
    from stepcli.api.client import Client


_RESUME_HINT = "the same command with --skip-existing speaks only the lines that have no file yet"


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance, its requests, its output file, and its number of stage directions."""

    utterance: BatchLine
    requests: list[SpeechRequest]
    audio_output: AudioOutput
    directions: int

    @property
    def path(self) -> Path:
        assert self.audio_output.output is not None
        return Path(self.audio_output.output)

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
    defaults: SpeechRequest,
    batch: Path,
    directory: Path | None,
    *,
    format: AudioFormat | None,
    preparation: Preparation,
    jobs: int,
    skip_existing: bool,
    plan: PlanOptions,
) -> int:
    """Speak every utterance of ``batch`` and return the exit code.

    It is that of the failure that stopped the batch, otherwise that of the first failed line.
    """
    if directory is None:
        raise UsageError("--batch needs --output-dir DIR")
    defaults = replace(defaults, format=format or AudioFormat.MP3)
    lines = read_batch(read_text((), batch, run.terminal), defaults, preparation)
    entries = [_entry(line, directory, run) for line in lines]
    wanted = [entry for entry in entries if not (skip_existing and entry.exists)]
    requests = [request for one in wanted for request in one.requests]
    warn_about_voices(requests, run.terminal.note)
    note_directions(run.terminal, sum(one.directions for one in wanted))
    labels = [one.utterance.name for one in wanted for _ in one.requests]
    if (code := settle_plan(run, plan, requests, labels)) is not None:
        return code
    output_directory(directory)
    outcomes = _BatchRun(run).speak(wanted, jobs)
    return _report(run.terminal, outcomes, skipped=len(entries) - len(wanted))


def _entry(line: BatchLine, directory: Path, run: Run) -> Entry:
    try:
        return _checked_entry(line, directory, run)
    except UsageError as failure:
        failure.add_context(f"line {line.line}")
        raise


def _checked_entry(line: BatchLine, directory: Path, run: Run) -> Entry:
    request = replace(line.request, voice=voice_id(line.request.voice, run.environ))
    request = replace(request, text=line.preparation.apply(request.text))
    directions = directions_in(request.text, request.model, line.preparation)
    path = directory / f"{line.name}.{request.format.value}"
    audio_output = AudioOutput(run.terminal, str(path), request.format, plays=False)
    requests = requests_for(audio_output.apply_to(request))
    for one in requests:
        check(one)
    return Entry(line, requests, audio_output, directions)


@dataclass(frozen=True, slots=True)
class _BatchRun:
    """Speaks lines until a failure affects them all; then finishes only those under way."""

    run: Run
    stopped: threading.Event = field(default_factory=threading.Event)

    def speak(self, entries: list[Entry], jobs: int) -> list[Outcome[Entry, int | None]]:
        """Speak the entries; print the path of each file as soon as it is finished.

        An outcome without a result and a failure is that of a line that was not tried.
        """
        outcomes: list[Outcome[Entry, int | None]] = []
        with (
            self.run.client() as client,
            hint_on_failure(lambda: _RESUME_HINT),
            self._progress(len(entries)) as show,
        ):
            for outcome in as_completed(entries, partial(self._speak, client), jobs):
                outcomes.append(outcome)
                show(len(outcomes))
                if outcome.result is not None and not self.run.terminal.json:
                    self.run.terminal.result(str(outcome.item.path))
        return sorted(outcomes, key=lambda outcome: outcome.item.utterance.line)

    def _progress(self, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Show a bar, unless the paths of the finished files appear on the terminal."""
        terminal = self.run.terminal
        if terminal.stdout_is_terminal and not terminal.json:
            return nullcontext(lambda _: None)
        return progress(terminal, total)

    def _speak(self, client: Client, entry: Entry) -> int | None:
        """Speak `entry` into its file; return its size, or None if the batch has stopped."""
        if self.stopped.is_set():
            return None
        job = ["batch", entry.utterance.name]
        try:
            with suggesting_voices(client.endpoint.plan, self.run.environ):
                speech = output_speech(client, entry.requests, entry.audio_output, jobs=1, job=job)
        except StepcliError as failure:
            failure.add_context(entry.label)
            if failure.affects_all_requests:
                self.stopped.set()
            raise
        return speech.size


def _report(terminal: Terminal, outcomes: list[Outcome[Entry, int | None]], skipped: int) -> int:
    tried = [one for one in outcomes if one.failure or one.result is not None]
    failures = [one.failure for one in tried if one.failure is not None]
    failures.sort(key=lambda failure: not failure.affects_all_requests)
    not_tried = len(outcomes) - len(tried)
    if terminal.json:
        files = [_described(one) for one in tried]
        terminal.result_json({"files": files, "skipped": skipped, "not_tried": not_tried})
        if failures:
            failures[0].add_hint(_RESUME_HINT)
            report(failures[0], terminal)
    else:
        _print_failures(terminal, failures)
        summary = [f"{len(tried) - len(failures)} spoken", f"{len(failures)} failed"]
        summary += [f"{skipped} already there"]
        summary += [f"{not_tried} not tried"] if not_tried else []
        terminal.note(f"stepcli: {', '.join(summary)}")
    return failures[0].exit_code if failures else 0


def _described(outcome: Outcome[Entry, int | None]) -> dict[str, Any]:
    entry = outcome.item
    fields = {"id": entry.utterance.name, "line": entry.utterance.line}
    if outcome.failure:
        return fields | {"error": describe(outcome.failure)}
    return fields | {"output": str(entry.path), "bytes": outcome.result}


def _print_failures(terminal: Terminal, failures: list[StepcliError]) -> None:
    """Print a sentence for each failure, and each hint once."""
    for failure in failures:
        trace = f" [trace id {failure.trace_id}]" if failure.trace_id else ""
        terminal.say(f"stepcli: error: {failure.message}{trace}")
    hints = [failure.hint for failure in failures if failure.hint]
    for hint in dict.fromkeys([*hints, _RESUME_HINT] if failures else ()):
        terminal.say(f"hint: {hint}")
