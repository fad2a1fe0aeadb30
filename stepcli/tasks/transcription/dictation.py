"""Transcribe a recording while it is made: recognize each segment when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from stepcli.audio.recorder import Capture
from stepcli.audio.segments import Segment, segment_of
from stepcli.audio.vad import Ended, TimeSpan
from stepcli.audio_types import UploadFormat
from stepcli.errors import StepcliError, UsageError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.concurrency import WorkerPool
from stepcli.tasks.transcription.interim import InterimRequests, InterimWords
from stepcli.tasks.transcription.recording_monitor import (
    RecordingEvent,
    RecordingStatus,
)
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.segment_requests import (
    Answer,
    SegmentOutcome,
    SegmentRequests,
)


class SegmentWriter(Protocol):
    """Takes segments in order."""

    def add(self, segment: Segment, result: RecognitionResult) -> None: ...


class DictationView(Protocol):
    """Shows the progress of a dictation."""

    def show(self, status: RecordingStatus, words: InterimWords, pending: int) -> None:
        """Show the status and the `words` so far; `pending` segments are being recognized."""

    def wait(self, pending: int) -> None:
        """Show that recording is over and `pending` segments are being recognized."""

    def clear(self) -> None:
        """Make room for a result."""

    def note(self, text: str) -> None:
        """Print a message."""


def sender(
    capture: Capture,
    recognize: Callable[[Segment], RecognitionResult],
    limit: AdaptiveLimit,
    format: UploadFormat = UploadFormat.AUTO,
) -> Callable[[TimeSpan], Answer]:
    """Return a function that recognizes a part of the recording in the background.

    As many parts are recognized at a time as `limit` allows.
    """
    pool = WorkerPool(limit)
    return lambda span: pool.submit(partial(recognize, recorded_segment(capture, span, format)))


def recorded_segment(
    capture: Capture, span: TimeSpan, format: UploadFormat = UploadFormat.AUTO
) -> Segment:
    """Return the part `span` of what has been recorded as a segment to recognize."""
    file = capture.recording_file
    start, end = (min(file.seconds, second) for second in (span.start, span.end))
    return segment_of(file.track(), start, end, format)


@dataclass(slots=True)
class Dictation:
    """Recognizes each segment of a recording when it ends, while the next one is recorded.

    `stop` ends the recording; `check` is called between blocks and may raise. `publish` is called
    with the start, the end and the words of what is being spoken when there are other words.
    """

    capture: Capture
    requests: SegmentRequests
    interim: InterimRequests
    view: DictationView
    stop: Callable[[], None]
    check: Callable[[], None]
    publish: Callable[[float, float, InterimWords], None] = lambda *_: None
    sent: int = 0
    has_text: bool = False
    """Whether words were recognized in any segment."""
    errors: list[StepcliError] = field(default_factory=list)
    _outage: BaseException | None = None

    def run(
        self,
        events: Iterable[RecordingEvent | None],
        writer: SegmentWriter,
        end: Callable[[], None],
    ) -> None:
        """Write segments in order; call `end` when the recording is over.

        A failed segment does not end the recording, unless the service would refuse all others
        too. Raise the first error when everything else is written.
        """
        for event in events:
            if isinstance(event, RecordingStatus):
                self._follow(event)
            elif event and not self._is_hopeless:
                self.interim.apply(event, self.requests.apply(event))
                self.sent += isinstance(event, Ended) and event.span is not None
            self._write(self.requests.completed(), writer)
            self._report_outage()
        end()
        self.view.wait(len(self.requests))
        self._write(self.requests.remaining(), writer)
        if self.errors:
            first = self.errors[0]
            first.add_context(f"{len(self.errors)} of {self.sent} utterances are not transcribed")
            raise first

    def _follow(self, status: RecordingStatus) -> None:
        interim = self.interim
        interim.update(status.seconds, status.spoken)
        if interim.poll() and (words := interim.words) != InterimWords():
            self.publish(interim.begun, status.seconds, words)
        self.view.show(status, interim.words, len(self.requests))
        self.check()

    def _write(self, outcomes: Iterator[SegmentOutcome], writer: SegmentWriter) -> None:
        for outcome in outcomes:
            if outcome.result:
                self.view.clear()
                self.has_text = self.has_text or bool(outcome.result.text.strip())
                writer.add(recorded_segment(self.capture, outcome.item), outcome.result)
            elif outcome.failure:
                self._handle_error(outcome.item, outcome.failure)

    def _handle_error(self, span: TimeSpan, error: StepcliError) -> None:
        self.errors.append(error)
        if self._is_hopeless:
            self.stop()
        else:
            self.view.note(f"{span.start:.1f} to {span.end:.1f} s: {error.message}")

    def _report_outage(self) -> None:
        """Report once that the service cannot be reached, until it has answered again."""
        failure = self.requests.blocking_failure
        if failure and not self._outage:
            self.view.note(f"{failure}; recording continues and is transcribed later")
        self._outage = failure

    @property
    def _is_hopeless(self) -> bool:
        """Whether the service would refuse all other segments too."""
        return any(
            error.affects_all_requests or isinstance(error, UsageError) for error in self.errors
        )
