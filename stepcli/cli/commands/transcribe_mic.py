"""``stepcli transcribe --mic``: record, transcribe, and keep the recording."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from stepcli.api.recognition import recognise
from stepcli.audio.open import open_track
from stepcli.audio.portaudio import find_input
from stepcli.audio.recorder import Capture
from stepcli.audio.segments import Segment, split_into_segments
from stepcli.audio.track import Track
from stepcli.audio.vad import TimeSpan
from stepcli.cli.commands.microphone import (
    Dictation,
    again,
    capturing,
    check_keep,
    discard,
    how_it_ends,
    listen,
    save,
    transcribed,
)
from stepcli.cli.commands.transcribe_files import Job, recognise_all, result_cache
from stepcli.cli.commands.transcript_output import LiveOut, live_out
from stepcli.cli.context import Run
from stepcli.cli.error_report import add_hint
from stepcli.cli.io.level_meter import Meter
from stepcli.cli.io.output import check_output
from stepcli.cli.io.progress import watching
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.signals import Stop
from stepcli.errors import AuthError, QuotaError, StepcliError, UsageError
from stepcli.tasks.concurrency import Relay, Turn
from stepcli.tasks.pricing import describe_cost, recognition_cost
from stepcli.tasks.transcription.dictation import Moment, segment_of
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.run import collect

if TYPE_CHECKING:
    from stepcli.api.client import Client

_LONG_SILENCE = 5.0
"""Seconds before the first word that are not worth sending."""
_NOBODY = "no speech detected, so nothing was sent"


def transcribe_mic(run: Run, job: Job, wish: Dictation, *, dry: bool) -> int:
    """Record, then or meanwhile transcribe. The recording is kept if anything fails."""
    path = job.out.destination()
    check_keep(wish.keep, run.terminal, path)
    if path:
        check_output(str(path), run.terminal)
    if dry:
        return _show_plan(run, wish, job.manner.model)
    meter = Meter(run.terminal)
    with ExitStack() as stack:
        stop = stack.enter_context(Stop(run.terminal))
        settings = stack.enter_context(run.settings())
        capture = stack.enter_context(capturing(job.inputs[0].path, wish, meter.note))
        session = _Session(run.terminal, job, wish, capture, stop, meter)
        with session.keeping():
            meter.note(how_it_ends(wish, run.terminal))
            with run.client_of(settings, lambda text: meter.tell(text)) as client:
                (session.live if wish.live else session.one)(client)
    return 0


@dataclass(slots=True)
class _Session:
    """One recording. ``saved`` is the file of ``--keep`` once it exists."""

    terminal: Terminal
    job: Job
    wish: Dictation
    capture: Capture
    stop: Stop
    meter: Meter
    saved: str | None = None
    ended: bool = False
    sent: int = 0
    failures: list[StepcliError] = field(default_factory=list)

    def one(self, client: Client) -> None:
        """Record one utterance, or all until the stop, and then transcribe it."""
        span = self._first_span()
        self._end()
        if span is None:
            self._tell_nobody()
            with live_out(self.job.out) as out:
                out.finish(self.capture.recording_file.seconds)
        else:
            self.meter.note(f"transcribing {self.capture.recording_file.seconds:.1f} s")
            self._transcribe(client, span)
        self._raise_late()

    def live(self, client: Client) -> None:
        """Send each utterance when it ends, while the next one is recorded."""
        relay = Relay(partial(self._answer, client), self.job.jobs)
        with live_out(self.job.out) as out:
            for news in self._news():
                if isinstance(news, Moment):
                    self.meter.show(news, len(relay))
                    self.terminal.check_reader()
                elif news and not self._hopeless:
                    relay.send(segment_of(self.capture, news))
                    self.sent += 1
                self._settle(relay.arrived(), out)
            self._end()
            self.meter.wait(len(relay))
            self._settle(relay.rest(), out)
            self._raise_failures()
            if not self.sent:
                self._tell_nobody()
            out.finish(self.capture.recording_file.seconds)
        self._raise_late()

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Ensure that the recording exists after the block, as the last one if it succeeds."""
        try:
            yield
        except BrokenPipeError:
            self._settle_recording()
            raise
        except BaseException as exc:
            self._tell_whereabouts(exc)
            raise
        self._settle_recording()

    def _news(self) -> Iterator[TimeSpan | Moment | None]:
        return listen(self.capture, self.wish, self.stop, self.meter)

    def _first_span(self) -> TimeSpan | None:
        for news in self._news():
            if isinstance(news, Moment):
                self.meter.show(news)
            elif news:
                return news
        return None

    def _end(self) -> None:
        """End the recording and complete its files."""
        if self.ended:
            return
        self.ended = True
        self.stop.restore()
        self.capture.finish()
        self.meter.clear()
        if gaps := self.capture.overflows:
            self.meter.note(f"the machine was too busy to hear everything: {gaps} gaps")
        if self.capture.recording_file.size:
            self._save()
        elif self.capture.failure:
            raise self.capture.failure

    def _save(self) -> None:
        """Save the recording; an error is reported after the transcript, which matters more."""
        if self.wish.keep is None:
            return
        try:
            save(self.capture.recording_file, self.wish.keep, self.terminal)
            self.saved = self.wish.keep
        except StepcliError as failure:
            self.capture.failure = self.capture.failure or failure

    def _raise_late(self) -> None:
        """Raise the error that was postponed until the transcript was complete."""
        if self.capture.failure:
            raise self.capture.failure

    def _transcribe(self, client: Client, span: TimeSpan) -> None:
        opens = [partial(_cut, self.capture, span, self.job.longest)]
        with watching(self.terminal, ["microphone"]) as watch:
            self.meter.tell = watch.note
            results = result_cache(self.job, client.endpoint.plan, watch.note)
            recognise_all(client, self.terminal, self.job, opens, results, watch)
        results.clear()

    def _answer(self, client: Client, segment: Segment) -> RecognitionResult:
        request = self.job.manner.request(segment.recording)
        with recognise(client, request) as events:
            return collect(events, lambda _: None)

    def _settle(self, turns: Iterator[Turn[Segment, RecognitionResult]], out: LiveOut) -> None:
        for turn in turns:
            if turn.result:
                self.meter.clear()
                out.add(turn.item, turn.result)
            elif turn.failure:
                self._fail(turn.item, turn.failure)

    def _fail(self, segment: Segment, failure: StepcliError) -> None:
        """Continue after a failure, as the audio is recorded; stop if retrying is pointless."""
        self.failures.append(failure)
        if self._hopeless:
            self.stop.ask()
        else:
            self.meter.note(f"{segment.start:.1f} to {segment.end:.1f} s: {failure.message}")

    @property
    def _hopeless(self) -> bool:
        """Return whether the service will refuse all further requests."""
        return any(
            isinstance(one, AuthError | UsageError)
            or (isinstance(one, QuotaError) and one.status == 402)
            for one in self.failures
        )

    def _raise_failures(self) -> None:
        if self.failures:
            first = self.failures[0]
            count = f"{len(self.failures)} of {self.sent} utterances are not transcribed"
            first.message = f"{count}: {first.message}"
            raise first

    def _tell_nobody(self) -> None:
        self.meter.note(_NOBODY)

    def _settle_recording(self) -> None:
        """Make this the last recording, unless it was saved elsewhere or nothing was said."""
        self.capture.finish()
        path = self.capture.recording_file.path
        if self.saved or not self.capture.recording_file.size:
            discard(path)
        else:
            transcribed(path)

    def _tell_whereabouts(self, exc: BaseException) -> None:
        with suppress(StepcliError):
            self._end()
        if not self.capture.recording_file.size:
            discard(self.capture.recording_file.path)
            return
        path = self.capture.recording_file.path
        elsewhere = None if path.parent == self.job.inputs[0].path.parent else str(path)
        command = again(sys.argv[1:], self.saved or elsewhere)
        where = f"the recording is kept: {self.saved or path}; try again: {command}"
        add_hint(exc, where)


def _cut(
    capture: Capture, span: TimeSpan, longest: float
) -> tuple[float | None, Iterator[Segment]]:
    """Return the recording in pieces, without a long silence at its start or end."""
    track = open_track(capture.recording_file.path, "the recording")
    seconds = capture.recording_file.seconds
    start = span.start if span.start > _LONG_SILENCE else 0.0
    end = span.end if seconds - span.end > _LONG_SILENCE else seconds
    if (start, end) == (0.0, seconds):
        return seconds, split_into_segments(track, longest)
    first, last = (round(second * track.pcm.rate) for second in (start, end))

    def part(begin: int, stop: int | None) -> Iterator[bytes]:
        return track.part(first + begin, last if stop is None else first + stop)

    spoken = split_into_segments(Track(track.pcm, part, end - start), longest)
    return end, (replace(one, start=one.start + start, end=one.end + start) for one in spoken)


def _show_plan(run: Run, wish: Dictation, model: str) -> int:
    device, cost = find_input(wish.device), recognition_cost(model, 3600, run.site)
    if run.terminal.json:
        estimate = cost and cost.to_json()
        microphone = {"input": "microphone", "device": device.name, "number": device.index}
        run.terminal.result_json({"inputs": [microphone], "estimated_cost_per_hour": estimate})
    else:
        run.terminal.row(f"microphone {device}, an hour of speech: {describe_cost(cost, digits=3)}")
    return 0
