"""``stepcli transcribe`` of files: inputs are transcribed in parallel and reported in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from stepcli.api.recognition import RecognitionRequest, recognise
from stepcli.audio.segments import Segment, split_into_segments
from stepcli.audio.track import Track
from stepcli.audio_types import Recording
from stepcli.base_url import BaseURL
from stepcli.cli.commands.transcript_output import Outs, TranscriptsOut
from stepcli.cli.context import Run
from stepcli.cli.error_report import kept_told, report
from stepcli.cli.io.audio_input import AudioInput
from stepcli.cli.io.progress import Watch, watching
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import StepcliError, UsageError
from stepcli.settings import state_dir
from stepcli.tasks.pricing import describe_cost, recognition_cost
from stepcli.tasks.transcription.results import DisabledResultCache, ResultCache, ResultStore
from stepcli.tasks.transcription.run import (
    DeltaReceived,
    Event,
    InputResult,
    OpenInput,
    Transcription,
    in_order,
)
from stepcli.tasks.transcription.transcript import Transcript

if TYPE_CHECKING:
    from stepcli.api.client import Client


@dataclass(frozen=True, slots=True)
class Manner:
    """The recognition options."""

    language: str
    model: str
    hotwords: tuple[str, ...]
    itn: bool

    def request(self, recording: Recording) -> RecognitionRequest:
        return RecognitionRequest(
            recording, self.language, self.model, hotwords=self.hotwords, itn=self.itn
        )

    def told(self) -> dict[str, Any]:
        """Return the fields about the options in the JSON of a transcript."""
        return {"language": self.language, "model": self.model}


@dataclass(frozen=True, slots=True)
class Job:
    """Inputs, options and output of a run; ``longest`` is the maximum seconds of a piece."""

    inputs: Sequence[AudioInput]
    manner: Manner
    out: TranscriptsOut
    longest: float
    jobs: int
    remembers: bool


def transcribe_files(run: Run, job: Job) -> int:
    """Run ``job`` and return the exit code of the first failure; raise that of a single input."""
    opens = _opens(job, job.out.unwritable())
    names = [one.label for one in job.inputs]
    with watching(run.terminal, names) as watch, run.client(tell=watch.note) as client:
        results = result_cache(job, client.endpoint.plan, watch.note)
        with kept_told(results.location):
            failures = recognise_all(client, run.terminal, job, opens, results, watch)
    if failures:
        return _last_words(run.terminal, failures[0], results.location())
    results.clear()
    return 0


def recognise_all(
    client: Client,
    terminal: Terminal,
    job: Job,
    opens: Sequence[OpenInput],
    results: ResultStore,
    watch: Watch,
) -> list[StepcliError]:
    """Recognise ``opens``, the inputs of ``job``, and write the results."""
    work = Transcription(opens, job.manner.request, partial(recognise, client), results)
    return _deliver(terminal, job, work, watch)


def _opens(job: Job, unwritable: Mapping[int, UsageError]) -> list[OpenInput]:
    """Return what opens each input, or raises why its transcript could not be written.

    A single input is opened now, before a missing key is reported.
    """
    if job.out.several:
        return [
            partial(_refuse, unwritable[number])
            if number in unwritable
            else partial(_cut, one.track, job.longest)
            for number, one in enumerate(job.inputs)
        ]
    track = job.inputs[0].track()
    for error in unwritable.values():
        raise error
    return [partial(_cut, lambda: track, job.longest)]


def _refuse(error: UsageError) -> tuple[float | None, Iterator[Segment]]:
    raise error


def _cut(open: Callable[[], Track], longest: float) -> tuple[float | None, Iterator[Segment]]:
    track = open()
    return track.duration, split_into_segments(track, longest)


def result_cache(job: Job, plan_base: BaseURL, notify: Callable[[str], None]) -> ResultStore:
    """Return the cache of results of the service at `plan_base`; `notify` gets warnings."""
    kind = ResultCache if job.remembers else DisabledResultCache
    return kind(
        state_dir() / "transcripts", plan_base.host, lambda text: notify(f"stepcli: {text}")
    )


def _deliver(terminal: Terminal, job: Job, work: Transcription, watch: Watch) -> list[StepcliError]:
    """Write results in order; report and return the failures of several inputs."""
    failures: list[StepcliError] = []
    with job.out.opened() as outs, closing(work.events(job.jobs)) as events:
        for item in in_order(_seen(events, watch), len(job.inputs)):
            if isinstance(item, DeltaReceived):
                watch.heard(item)
                with watch.aside() if job.out.streams else nullcontext():
                    outs.heard(item)
                continue
            watch.done(item)
            with watch.aside():
                failures += _settle(terminal, job, outs, item)
    return failures


def _seen(events: Iterable[Event], watch: Watch) -> Iterator[Event]:
    for event in events:
        watch.see(event)
        yield event


def _settle(terminal: Terminal, job: Job, outs: Outs, outcome: InputResult) -> list[StepcliError]:
    """Write a transcript, or report why there is none; return the failure, if there is one."""
    name = job.inputs[outcome.input].label
    if isinstance(outcome.result, StepcliError) and job.out.several:
        outcome.result.add_context(name)
    elif isinstance(outcome.result, StepcliError):
        raise outcome.result
    result = outs.outcome(outcome).result
    if not isinstance(result, StepcliError):
        _note_oddities(terminal, job, name, result)
        return []
    if not job.out.several:
        raise result
    if not terminal.json:
        report(result, as_json=False, debug=False)
    return [result]


def _note_oddities(terminal: Terminal, job: Job, name: str, transcript: Transcript) -> None:
    if not transcript.text.strip():
        terminal.note(_NOTHING_HEARD.format(name))
    elif job.out.timed and not transcript.timed:
        terminal.note(_NO_TIMES.format(name))


_NOTHING_HEARD = (
    "stepcli: nothing was recognised in {}: is it silent, or in another language than --language?"
)
_NO_TIMES = "stepcli: the service returned no times for {}; its cues are spread evenly"


def _last_words(terminal: Terminal, first: StepcliError, where: str | None) -> int:
    """Report the first failure as one object with --json; the others are in the result.

    Otherwise all were reported already; what is kept, and ``where``, is reported once for all.
    """
    if terminal.json:
        first.add_hint(where)
        report(first, as_json=True, debug=False)
    elif where:
        terminal.say(f"hint: {where}")
    return first.exit_code


@dataclass(frozen=True, slots=True)
class Planned:
    """The requests of one input; ``seconds`` is their total length."""

    name: str
    segments: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {"input": self.name, "pieces": self.segments, "minutes": _minutes(self.seconds)}


def show_plan(run: Run, inputs: Sequence[AudioInput], longest: float, model: str) -> int:
    """Print the plan. Raise UsageError for the first input that is not audio."""
    plan = [_planned(one, longest) for one in inputs]
    seconds = sum(one.seconds for one in plan)
    cost = recognition_cost(model, seconds, run.site)
    total = {
        "inputs": [one.to_json() for one in plan],
        "pieces": sum(one.segments for one in plan),
        "minutes": _minutes(seconds),
        "estimated_cost": cost and cost.to_json(),
    }
    if run.terminal.json:
        run.terminal.result_json(total)
    else:
        _print(run.terminal, plan, total, describe_cost(cost))
    return 0


def _planned(one: AudioInput, longest: float) -> Planned:
    cut = list(split_into_segments(one.track(), longest))
    return Planned(one.name, len(cut), sum(segment.end - segment.start for segment in cut))


def _print(terminal: Terminal, plan: Sequence[Planned], total: dict[str, Any], cost: str) -> None:
    for one in plan:
        terminal.row(f"{_count(one.segments)}  {_minutes(one.seconds):>8} min  {one.name}")
    terminal.row(f"{_count(total['pieces'])}, {total['minutes']} minutes, {cost}")


def _count(segments: int) -> str:
    return "1 piece" if segments == 1 else f"{segments} pieces"


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 2)
