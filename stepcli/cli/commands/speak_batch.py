"""``stepcli speak --batch``: convert each line of a file to an audio file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcli.api.speech import SpeechRequest, check
from stepcli.audio_types import AudioFormat
from stepcli.cli.commands.speak_text import output_speech, show_plan
from stepcli.cli.context import Run
from stepcli.cli.error_report import describe, report
from stepcli.cli.io.audio_output import AudioOutput
from stepcli.cli.io.output import output_directory
from stepcli.cli.io.progress import progress
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import read_text
from stepcli.cli.params.voice_names import suggesting_voices, voice_id, warn_about_voices
from stepcli.errors import UsageError
from stepcli.tasks.concurrency import Outcome, as_completed
from stepcli.tasks.speech.requests import BatchLine, read_batch, requests_for
from stepcli.text.stage_directions import literal as spoken_aside

if TYPE_CHECKING:
    from stepcli.api.client import Client


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance, its requests, and its output file."""

    utterance: BatchLine
    requests: list[SpeechRequest]
    audio_output: AudioOutput

    @property
    def path(self) -> Path:
        assert self.audio_output.output is not None
        return Path(self.audio_output.output)

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
    literal: bool,
    jobs: int,
    skip_existing: bool,
    dry_run: bool,
) -> int:
    """Speak every utterance of ``batch`` and return the exit code of the first failed line."""
    if directory is None:
        raise UsageError("--batch needs --output-dir DIR")
    defaults = replace(defaults, format=format or AudioFormat.MP3)
    lines = read_batch(read_text((), batch, run.terminal), defaults, literal=literal)
    entries = [_entry(line, directory, run) for line in lines]
    wanted = [one for one in entries if not (skip_existing and one.exists)]
    requests = [request for one in wanted for request in one.requests]
    warn_about_voices(requests, run.terminal.note)
    if dry_run:
        show_plan(run, requests, [one.utterance.name for one in wanted for _ in one.requests])
        return 0
    output_directory(directory)
    return _report(run, _speak_all(run, wanted, jobs), skipped=len(entries) - len(wanted))


def _entry(line: BatchLine, directory: Path, run: Run) -> Entry:
    try:
        return _checked_entry(line, directory, run)
    except UsageError as failure:
        failure.add_context(f"line {line.line}")
        raise


def _checked_entry(line: BatchLine, directory: Path, run: Run) -> Entry:
    request = replace(line.request, voice=voice_id(line.request.voice, run.environ))
    if line.literal:
        request = replace(request, text=spoken_aside(request.text))
    path = directory / f"{line.name}.{request.format.value}"
    audio_output = AudioOutput(run.terminal, str(path), request.format, plays=False)
    requests = requests_for(audio_output.apply_to(request))
    for one in requests:
        check(one)
    return Entry(line, requests, audio_output)


def _speak_all(run: Run, entries: list[Entry], jobs: int) -> list[Outcome[Entry, int]]:
    with run.client() as client, progress(run.terminal, len(entries)) as show:
        outcomes = []
        for outcome in as_completed(entries, partial(_speak, run, client), jobs):
            outcomes.append(outcome)
            show(len(outcomes))
    return sorted(outcomes, key=lambda outcome: outcome.item.utterance.line)


def _speak(run: Run, client: Client, entry: Entry) -> int:
    """Speak `entry` into its file; return the bytes that were written."""
    job = ["batch", entry.utterance.name]
    with suggesting_voices(client.endpoint.plan, run.environ):
        return output_speech(client, entry.requests, entry.audio_output, jobs=1, job=job).size


def _report(run: Run, outcomes: list[Outcome[Entry, int]], skipped: int) -> int:
    failures = [one.failure for one in outcomes if one.failure is not None]
    if run.terminal.json:
        run.terminal.result_json(
            {"files": [_described(one) for one in outcomes], "skipped": skipped}
        )
        return report(failures[0], run.terminal) if failures else 0
    _print_report(run.terminal, outcomes, skipped)
    return failures[0].exit_code if failures else 0


def _described(outcome: Outcome[Entry, int]) -> dict[str, Any]:
    entry = outcome.item
    fields = {"id": entry.utterance.name, "line": entry.utterance.line}
    if outcome.failure:
        return fields | {"error": describe(outcome.failure)}
    return fields | {"output": str(entry.path), "bytes": outcome.result}


def _print_report(terminal: Terminal, outcomes: list[Outcome[Entry, int]], skipped: int) -> None:
    for one in outcomes:
        if one.failure is None:
            terminal.result(str(one.item.path))
    failed = [(one.item.utterance, one.failure) for one in outcomes if one.failure is not None]
    for utterance, failure in failed:
        trace = f" [trace id {failure.trace_id}]" if failure.trace_id else ""
        terminal.say(
            f"stepcli: error: {utterance.name} (line {utterance.line}): {failure.message}{trace}"
        )
    summary = f"{len(outcomes) - len(failed)} spoken, {len(failed)} failed, {skipped} already there"
    terminal.note(f"stepcli: {summary}")
