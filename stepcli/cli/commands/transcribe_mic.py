"""``stepcli transcribe --mic``: record, transcribe, and keep the recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from stepcli.api.recognition import recognize
from stepcli.audio.portaudio import find_input
from stepcli.audio.recorder import Capture
from stepcli.audio.segments import Segment
from stepcli.cli.commands.microphone import (
    check_keep,
    mark_transcribed,
    monitor,
    record,
    repeat_command,
    save,
    stop_message,
    toggle_lock,
)
from stepcli.cli.commands.transcribe_files import (
    TranscriptionJob,
    note_extra_requests,
    report_oddities,
)
from stepcli.cli.commands.transcript_writers import live_writer, transcript_writer, write_result
from stepcli.cli.context import Run
from stepcli.cli.error_report import add_hint
from stepcli.cli.io.audio_input import AudioInput
from stepcli.cli.io.level_meter import LevelMeter
from stepcli.cli.io.output import check_output
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import STDIN
from stepcli.cli.params.microphone_options import MicrophoneOptions
from stepcli.cli.params.transcription_options import RecognitionSettings
from stepcli.cli.signals import Stop
from stepcli.errors import StepcliError
from stepcli.storage.directories import remove
from stepcli.storage.stop_request import StoppableLock
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.pricing import describe_cost, recognition_cost
from stepcli.tasks.transcription.dictation import Dictation, sender
from stepcli.tasks.transcription.interim import InterimRequests, InterimWords, extra_share
from stepcli.tasks.transcription.recording_monitor import (
    RecordingEvent,
    RecordingStatus,
    until_final,
)
from stepcli.tasks.transcription.render import partial_line
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.run import DeltaReceived, InputResult
from stepcli.tasks.transcription.segment_recognizer import SegmentRecognizer
from stepcli.tasks.transcription.segment_requests import SegmentRequests
from stepcli.tasks.transcription.transcript import Transcript, TranscriptFormat

if TYPE_CHECKING:
    from stepcli.api.client import Client

_NO_SPEECH = "no speech detected, so nothing was sent"
_NO_TEXT = "no speech was recognized"


def transcribe_mic(
    run: Run, job: TranscriptionJob, options: MicrophoneOptions, *, dry_run: bool
) -> int:
    """Record the microphone and transcribe it. If that fails, the recording is kept."""
    path = job.destination.single_path()
    check_keep(options.keep, run.terminal, path)
    if path:
        check_output(str(path), run.terminal)
    if dry_run:
        return _show_plan(run, job, options)
    lock = None
    if options.toggle:
        lock = StoppableLock.take(toggle_lock())
        if lock is None:
            return _report_end(run.terminal)
    meter = LevelMeter(run.terminal, job.destination.replacements)
    with ExitStack() as stack:
        if lock:
            stack.callback(lock.release)
        stop = stack.enter_context(Stop(run.terminal))
        settings = stack.enter_context(run.settings())
        capture = stack.enter_context(record(job.inputs[0], options, meter.note))
        session = _DictationSession(run, job, options, capture, stop, lock, meter)
        with session.keeping_recording():
            meter.note(stop_message(options, job.inputs[0]))
            with run.parallel_client_of(settings, job.jobs, meter.detail) as (client, limit):
                if options.live:
                    session.transcribe_live(client, limit)
                else:
                    session.transcribe_utterance(client, limit)
    return 0


def _report_end(terminal: Terminal) -> int:
    """Report that another process was asked to end its dictation, and print its text."""
    if terminal.json:
        terminal.result_json({"stopped": True})
    terminal.info("the running dictation ends; its text is printed where it was started")
    return 0


@dataclass(slots=True)
class _DictationSession:
    """One recording. `saved` is the file of `--keep` once it is written."""

    run: Run
    job: TranscriptionJob
    options: MicrophoneOptions
    capture: Capture
    stop: Stop
    lock: StoppableLock | None
    meter: LevelMeter
    saved: str | None = None
    ended: bool = False

    def transcribe_utterance(self, client: Client, limit: AdaptiveLimit) -> None:
        """Record until the first pause or the stop, and write one transcript."""
        said = _Collector()
        work = self._dictation(client, limit)
        work.run(until_final(self._events(client)), said, self._end)
        seconds = self.capture.recording_file.seconds
        if work.sent:
            self._write(Transcript(said.segments, said.results, seconds))
        else:
            self.meter.note(_NO_SPEECH)
            with live_writer(self.job.destination) as writer:
                writer.finish(seconds)
        self._raise_capture_error()

    def transcribe_live(self, client: Client, limit: AdaptiveLimit) -> None:
        """Write the transcript of each utterance when it ends, until the stop."""
        work = self._dictation(client, limit)
        with live_writer(self.job.destination) as writer:
            work.run(self._events(client), writer, self._end)
            if not work.sent:
                self.meter.note(_NO_SPEECH)
            elif not work.has_text:
                self.meter.note(_NO_TEXT)
            writer.finish(self.capture.recording_file.seconds)
        self._raise_capture_error()

    def _dictation(self, client: Client, limit: AdaptiveLimit) -> Dictation:
        recognition, format = self.job.recognition, self.job.upload.format
        send = sender(self.capture, self._recognizer(client, recognition), limit, format)
        # What is shown for a second is not worth a request in another language.
        once = self._recognizer(client, replace(recognition, languages_if_empty=()))
        send_once = sender(self.capture, once, AdaptiveLimit(1), format)
        interval = self.options.interim if shows_interim(self.run, self.job) else 0.0
        return Dictation(
            self.capture,
            SegmentRequests(send),
            InterimRequests(send_once, interval),
            self.meter,
            self.stop.ask,
            self.run.terminal.check_reader,
            self._print_partial if prints_partials(self.run, self.job) else lambda *_: None,
        )

    def _print_partial(self, start: float, end: float, words: InterimWords) -> None:
        change = self.job.destination.replacements
        line = partial_line(start, end, change(words.stable), change(words.tentative))
        write_result(self.run.terminal, TranscriptFormat.JSONL, line)

    def _recognizer(
        self, client: Client, settings: RecognitionSettings
    ) -> Callable[[Segment], RecognitionResult]:
        recognizer = SegmentRecognizer(
            settings.request, partial(recognize, client), languages=settings.languages_if_empty
        )
        return lambda segment: recognizer.result(segment, lambda _: None)

    @contextmanager
    def keeping_recording(self) -> Iterator[None]:
        """Keep the recording if the block fails, and as the last one if it succeeds."""
        try:
            yield
        except BrokenPipeError:
            self._settle_recording()
            raise
        except BaseException as exc:
            self._add_recording_hint(exc)
            raise
        self._settle_recording()

    def _events(self, client: Client) -> Iterator[RecordingEvent | None]:
        """Yield what happens in the recording; connect while something is being said."""
        file = self.job.inputs[0]
        for event in monitor(self.capture, file, self.options, self._is_stopped, self.meter):
            if isinstance(event, RecordingStatus) and event.speaking:
                client.connect_ahead()
            yield event

    def _is_stopped(self) -> bool:
        """Return whether the user ends the recording, here or with another `--toggle`."""
        return self.stop() or (self.lock is not None and self.lock.stop_requested)

    def _end(self) -> None:
        """End the recording and write it to the file of `--keep`."""
        if self.ended:
            return
        self.ended = True
        self.stop.restore()
        if self.lock:
            self.lock.release()
        self.capture.finish()
        self.meter.clear()
        if gaps := self.capture.overflows:
            self.meter.note(f"the machine was too busy to record everything: {gaps} gaps")
        if self.capture.recording_file.size:
            self._save()
        elif self.capture.failure:
            raise self.capture.failure

    def _save(self) -> None:
        """Write the file of `--keep`; an error is raised after the transcription."""
        if self.options.keep is None:
            return
        try:
            save(self.capture.recording_file, self.options.keep, self.run.terminal)
            self.saved = self.options.keep
        except StepcliError as error:
            self.capture.failure = self.capture.failure or error

    def _raise_capture_error(self) -> None:
        """Raise what went wrong with the recording, after what there is was transcribed."""
        if self.capture.failure:
            raise self.capture.failure

    def _write(self, transcript: Transcript) -> None:
        summary = self.job.summary(self.run.site)
        with transcript_writer(self.job.destination, summary) as writer:
            for segment, result in zip(transcript.segments, transcript.results, strict=True):
                for delta in result.deltas:
                    writer.add_delta(DeltaReceived(0, segment, delta))
            written = writer.add_result(InputResult(0, transcript)).result
        if isinstance(written, StepcliError):
            raise written
        report_oddities(self.run.terminal, self.job, self.job.inputs[0].label, transcript)

    def _settle_recording(self) -> None:
        """Keep the recording as the last one, unless it is saved elsewhere or empty."""
        self.capture.finish()
        file = self.capture.recording_file
        if self.saved or not file.size:
            remove(file.path)
        else:
            mark_transcribed(file.path)

    def _add_recording_hint(self, exc: BaseException) -> None:
        with suppress(StepcliError):
            self._end()
        file = self.capture.recording_file
        if not file.size:
            remove(file.path)
            return
        elsewhere = None if file.path.parent == self.job.inputs[0].path.parent else str(file.path)
        command = repeat_command(self.run.arguments, self.saved or elsewhere)
        add_hint(exc, f"the recording is kept: {self.saved or file.path}; try again: {command}")


class _Collector:
    """Collects segments and their results."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.results: list[RecognitionResult] = []

    def add(self, segments: Sequence[Segment], results: Sequence[RecognitionResult]) -> None:
        self.segments += segments
        self.results += results


def prints_partials(run: Run, job: TranscriptionJob) -> bool:
    """Return whether the words of the current utterance are printed as JSON lines."""
    destination = job.destination
    return (
        "interim" in run.given and destination.writes_deltas and not destination.path(job.inputs[0])
    )


def shows_interim(run: Run, job: TranscriptionJob) -> bool:
    """Return whether the current utterance is recognized while it is being spoken."""
    terminal = run.terminal
    return prints_partials(run, job) or (terminal.stderr_is_terminal and not terminal.quiet)


def _show_plan(run: Run, job: TranscriptionJob, options: MicrophoneOptions) -> int:
    name, fields = _described_input(job.inputs[0], options)
    interval = options.interim if shows_interim(run, job) else 0.0
    extra = 3600 * extra_share(interval)
    cost, more = (
        recognition_cost(job.recognition.model, seconds, run.site) for seconds in (3600, extra)
    )
    if run.terminal.json:
        costs = {
            "estimated_cost_per_hour": cost and cost.to_json(),
            "estimated_extra_cost_per_hour": more and more.to_json(),
        }
        run.terminal.result_json({"inputs": [fields], **costs})
    else:
        run.terminal.row(f"{name}, an hour of speech: {describe_cost(cost, digits=3)}")
        what = f"before an utterance ends (--interim {interval:g})"
        run.terminal.row(f"{what}: {describe_cost(more, digits=3)} more")
    note_extra_requests(run.terminal, job.recognition)
    return 0


def _described_input(input: AudioInput, options: MicrophoneOptions) -> tuple[str, dict[str, Any]]:
    """Return the input that would be recorded in words and as JSON."""
    if input.is_stdin:
        return "stdin", {"input": STDIN}
    device = find_input(options.device)
    fields = {"input": "microphone", "device": device.name, "number": device.index}
    return f"microphone {device}", fields
