"""``stepcli transcribe`` of files: inputs are transcribed in parallel and reported in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from stepcli.api.catalog import Site
from stepcli.api.recognition import recognize
from stepcli.audio.channels import split_channels
from stepcli.audio.segments import Segment, shifted, split_into_segments
from stepcli.audio.upload import UploadOptions
from stepcli.base_url import BaseURL
from stepcli.cli.commands.transcript_destination import TranscriptDestination
from stepcli.cli.commands.transcript_writers import WriterGroup, transcript_writer
from stepcli.cli.context import Run
from stepcli.cli.error_report import hint_on_failure, report
from stepcli.cli.io.audio_input import AudioInput
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.transcription_progress import ProgressDisplay, progress_display
from stepcli.cli.params.transcription_options import RecognitionSettings
from stepcli.errors import OutputError, StepcliError, UsageError
from stepcli.settings import state_dir
from stepcli.tasks.pricing import describe_cost, recognition_cost
from stepcli.tasks.transcription.results import DisabledResultCache, ResultCache, ResultStore
from stepcli.tasks.transcription.run import (
    DeltaReceived,
    Event,
    InputResult,
    OpenInput,
    Received,
    Transcription,
    in_order,
)
from stepcli.tasks.transcription.summary import Summary
from stepcli.tasks.transcription.transcript import Transcript

if TYPE_CHECKING:
    from stepcli.tasks.adaptive_limit import AdaptiveLimit


@dataclass(frozen=True, slots=True)
class TranscriptionJob:
    """How to recognize, and where transcripts go.

    `jobs` is the number of `--jobs`, None for `auto`.
    """

    recognition: RecognitionSettings
    destination: TranscriptDestination
    upload: UploadOptions
    jobs: int | None
    keeps_results: bool

    @property
    def inputs(self) -> Sequence[AudioInput]:
        return self.destination.inputs

    def summary(self, site: Site) -> Summary:
        """Return the summary of a run that has no results yet."""
        return Summary(len(self.inputs), self.destination.skipped, self.recognition.model, site)


def transcribe_files(run: Run, job: TranscriptionJob) -> int:
    """Transcribe all inputs; return the exit code of the first failure.

    Raise the failure of a single input.
    """
    summary = job.summary(run.site)
    if not job.inputs:
        return _report_nothing_left(run.terminal, summary)
    inputs = _openers(job, job.destination.unwritable())
    names = [one.label for one in job.inputs]
    with (
        progress_display(run.terminal, names) as display,
        run.parallel_client(job.jobs) as (client, limit),
    ):
        results = _result_cache(job, client.endpoint.plan, run.terminal)
        with _locked(results, job), hint_on_failure(results.location):
            work = Transcription(
                inputs,
                job.recognition.request,
                partial(recognize, client),
                results,
                job.recognition.languages_if_empty,
            )
            _recognize_inputs(work, limit, run.terminal, job, summary, display)
            if not summary.errors:
                results.clear()
    if job.destination.has_several_inputs and not run.terminal.json:
        run.terminal.info(str(summary))
    if summary.errors:
        return _report_first(run.terminal, summary.errors[0], results.location())
    return 0


def _report_nothing_left(terminal: Terminal, summary: Summary) -> int:
    """Report that `--skip-existing` leaves nothing to transcribe."""
    if terminal.json:
        terminal.result_json({"transcripts": [], "summary": summary.to_json()})
    terminal.info("nothing to transcribe: every transcript exists already")
    return 0


def _recognize_inputs(
    work: Transcription,
    limit: AdaptiveLimit,
    terminal: Terminal,
    job: TranscriptionJob,
    summary: Summary,
    display: ProgressDisplay,
) -> None:
    """Recognize all inputs and write the transcripts; report errors of several.

    A transcript that cannot be written ends the run: those of other inputs would have nowhere to
    go either, and their recognition costs money.
    """
    with (
        transcript_writer(job.destination, summary) as writer,
        closing(work.events(limit)) as events,
    ):
        for item in in_order(_shown(events, display), len(job.inputs)):
            if isinstance(item, DeltaReceived):
                display.show_delta(item)
                with display.suspended() if job.destination.writes_deltas else nullcontext():
                    writer.add_delta(item)
                continue
            display.finish_input(item)
            job.inputs[item.input].release()
            with display.suspended():
                error = _write_result(terminal, job, writer, item)
            if isinstance(item.result, Transcript) and isinstance(error, OutputError):
                work.stop()


def _result_cache(job: TranscriptionJob, plan_base: BaseURL, terminal: Terminal) -> ResultStore:
    """Return the cache of results of the service at `plan_base`; `terminal` gets warnings."""
    kind = ResultCache if job.keeps_results else DisabledResultCache
    return kind(state_dir() / "transcripts", plan_base.host, terminal.info)


def _locked(results: ResultStore, job: TranscriptionJob) -> AbstractContextManager[None]:
    """Let one run at a time pay for the same pieces. Pipes have no name that two runs share."""
    if any(one.copy and not one.is_remote for one in job.inputs):
        return nullcontext()
    inputs = [
        (one.name if one.is_remote else str(one.path.resolve()), repr(one.settings))
        for one in job.inputs
    ]
    return results.lock([repr(job.recognition), repr(job.upload), inputs])


def _openers(job: TranscriptionJob, unwritable: Mapping[int, UsageError]) -> list[OpenInput]:
    """Return what opens each input, or raises why its transcript cannot be written.

    A single input is opened now, before a missing key is reported, unless it is downloaded.
    """
    if not job.destination.has_several_inputs:
        one = job.inputs[0]
        opened = None if one.is_remote else _split(one, job.upload)
        for error in unwritable.values():
            raise error
        if opened:
            return [lambda _: opened]
    return [
        partial(_refuse, unwritable[number])
        if number in unwritable
        else partial(_split, one, job.upload)
        for number, one in enumerate(job.inputs)
    ]


def _refuse(error: UsageError, _received: Received) -> tuple[float | None, Iterator[Segment]]:
    raise error


def _split(
    one: AudioInput, upload: UploadOptions, received: Received = lambda *_: None
) -> tuple[float | None, Iterator[Segment]]:
    """Return the duration of all audio of an input, and its pieces."""
    if one.settings.speakers is None:
        track = one.track(received)
        duration, pieces = track.duration, split_into_segments(track, upload)
    else:
        channels = one.channels(received)
        durations = [channel.duration for channel in channels.values()]
        duration = None if None in durations else sum(filter(None, durations))
        pieces = split_channels(channels, upload)
    return duration, (shifted(piece, one.settings.excerpt.start) for piece in pieces)


def _shown(events: Iterable[Event], display: ProgressDisplay) -> Iterator[Event]:
    for event in events:
        display.update(event)
        yield event


def _write_result(
    terminal: Terminal, job: TranscriptionJob, writer: WriterGroup, result: InputResult
) -> StepcliError | None:
    """Write a transcript, or report why there is none; return the error, if there is one."""
    name = job.inputs[result.input].label
    several = job.destination.has_several_inputs
    if isinstance(result.result, StepcliError):
        if not several:
            raise result.result
        result.result.add_context(name)
    written = writer.add_result(result).result
    if not isinstance(written, StepcliError):
        report_oddities(terminal, job, name, written)
        return None
    if not several:
        raise written
    if not terminal.json:
        report(written, terminal)
    return written


def report_oddities(
    terminal: Terminal, job: TranscriptionJob, name: str, transcript: Transcript
) -> None:
    """Print a note if no words or no times were recognized in the input called `name`."""
    if not transcript.text.strip():
        terminal.info(_NO_TEXT.format(name))
    elif job.destination.timed and not transcript.timed:
        terminal.info(_NO_TIMES.format(name))


_NO_TEXT = "no speech was recognized in {}; check that it is not silent, and --language"
_NO_TIMES = "the service returned no times for {}; its cues are spread evenly"


def _report_first(terminal: Terminal, first: StepcliError, location: str | None) -> int:
    """Report the first error with `--json`, where the result has the others.

    Otherwise all were reported; only `location`, where results are kept, is added.
    """
    if terminal.json:
        first.add_hint(location)
        report(first, terminal)
    elif location:
        terminal.say(f"hint: {location}")
    return first.exit_code


@dataclass(frozen=True, slots=True)
class PlannedInput:
    """The number of requests for an input, and their total length in seconds."""

    name: str
    segments: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of `--dry-run --json`."""
        return {"input": self.name, "pieces": self.segments, "minutes": _minutes(self.seconds)}


def show_plan(run: Run, job: TranscriptionJob) -> int:
    """Print what `--dry-run` shows. Raise UsageError for the first input that is not audio."""
    plan = [_planned(one, job.upload) for one in job.inputs]
    seconds = sum(one.seconds for one in plan)
    cost = recognition_cost(job.recognition.model, seconds, run.site)
    total = {
        "inputs": [one.to_json() for one in plan],
        "pieces": sum(one.segments for one in plan),
        "minutes": _minutes(seconds),
        "estimated_cost": cost and cost.to_json(),
        "extra_requests_if_empty": len(job.recognition.languages_if_empty),
    }
    if run.terminal.json:
        run.terminal.result_json(total)
    else:
        _print_plan(run.terminal, plan, total, describe_cost(cost))
    note_extra_requests(run.terminal, job.recognition)
    return 0


def note_extra_requests(terminal: Terminal, recognition: RecognitionSettings) -> None:
    """Print a note that pieces without words are sent again, which the estimate leaves out."""
    if recognition.languages_if_empty:
        languages = " and ".join(recognition.languages_if_empty)
        terminal.info(_EXTRA_REQUESTS.format(languages))


_EXTRA_REQUESTS = (
    "a piece in which no words are recognized is sent again as {}; --language avoids that"
)


def _planned(one: AudioInput, upload: UploadOptions) -> PlannedInput:
    segments = list(_split(one, upload)[1])
    seconds = sum(segment.end - segment.start for segment in segments)
    return PlannedInput(one.name, len(segments), seconds)


def _print_plan(
    terminal: Terminal, plan: Sequence[PlannedInput], total: dict[str, Any], cost: str
) -> None:
    for one in plan:
        terminal.row(f"{_count(one.segments)}  {_minutes(one.seconds):>8} min  {one.name}")
    terminal.row(f"{_count(total['pieces'])}, {total['minutes']} minutes, {cost}")


def _count(segments: int) -> str:
    return "1 piece" if segments == 1 else f"{segments} pieces"


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 2)
