"""Transcribe a recording while it is made: recognize each segment when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol

from stepcli.audio.recorder import Capture
from stepcli.audio.segments import Segment
from stepcli.audio.vad import Ended, TimeSpan
from stepcli.errors import StepcliError, UsageError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.concurrency import WorkerPool
from stepcli.tasks.transcription.recording_monitor import (
    RecordingEvent,
    RecordingStatus,
    segment_of,
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

    def show(self, status: RecordingStatus, pending: int = 0) -> None:
        """Show the status; `pending` segments are being recognized."""

    def wait(self, pending: int) -> None:
        """Show that recording is over and `pending` segments are being recognized."""

    def clear(self) -> None:
        """Make room for a result."""

    def note(self, text: str) -> None:
        """Print a message."""


class Dictation:
    """Recognizes each segment of a recording when it ends, while the next one is recorded.

    As many are recognized at a time as `limit` allows. `stop` ends the recording; `check` is called
    between blocks and may raise.
    """

    def __init__(
        self,
        capture: Capture,
        recognize: Callable[[Segment], RecognitionResult],
        limit: AdaptiveLimit,
        view: DictationView,
        stop: Callable[[], None],
        check: Callable[[], None],
    ) -> None:
        self.sent = 0
        self.has_text = False
        """Whether words were recognized in any segment."""
        self.errors: list[StepcliError] = []
        self._capture = capture
        self._recognize = recognize
        self._view = view
        self._stop = stop
        self._check = check
        self._pool = WorkerPool(limit)
        self._requests = SegmentRequests(self._send)
        self._outage: BaseException | None = None

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
                self._view.show(event, len(self._requests))
                self._check()
            elif event and not self._is_hopeless:
                self._requests.apply(event)
                self.sent += isinstance(event, Ended) and event.span is not None
            self._write(self._requests.completed(), writer)
            self._report_outage()
        end()
        self._view.wait(len(self._requests))
        self._write(self._requests.remaining(), writer)
        if self.errors:
            first = self.errors[0]
            first.add_context(f"{len(self.errors)} of {self.sent} utterances are not transcribed")
            raise first

    def _send(self, span: TimeSpan) -> Answer:
        return self._pool.submit(partial(self._recognize, segment_of(self._capture, span)))

    def _write(self, outcomes: Iterator[SegmentOutcome], writer: SegmentWriter) -> None:
        for outcome in outcomes:
            if outcome.result:
                self._view.clear()
                self.has_text = self.has_text or bool(outcome.result.text.strip())
                writer.add(segment_of(self._capture, outcome.item), outcome.result)
            elif outcome.failure:
                self._handle_error(outcome.item, outcome.failure)

    def _handle_error(self, span: TimeSpan, error: StepcliError) -> None:
        self.errors.append(error)
        if self._is_hopeless:
            self._stop()
        else:
            self._view.note(f"{span.start:.1f} to {span.end:.1f} s: {error.message}")

    def _report_outage(self) -> None:
        """Report once that the service cannot be reached, until it has answered again."""
        failure = self._requests.blocking_failure
        if failure and not self._outage:
            self._view.note(f"{failure}; recording continues and is transcribed later")
        self._outage = failure

    @property
    def _is_hopeless(self) -> bool:
        """Whether the service would refuse all other segments too."""
        return any(
            error.affects_all_requests or isinstance(error, UsageError) for error in self.errors
        )
