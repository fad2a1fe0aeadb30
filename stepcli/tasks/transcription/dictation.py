"""Transcribe a recording while it is made: recognize each segment when it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from stepcli.audio.recorder import Capture
from stepcli.audio.segments import Segment, segment_of
from stepcli.audio.vad import Ended, SpeechEvent, TimeSpan
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

_LONG_SECONDS = 30.0
"""Seconds after which an utterance is written at the end of a segment."""
_ROUNDING = 0.001
"""Seconds by which the end of a segment may differ from that of its span."""


class UtteranceWriter(Protocol):
    """Takes utterances in order."""

    def add(self, segments: Sequence[Segment], results: Sequence[RecognitionResult]) -> None:
        """Take the segments of one utterance."""


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
    _began: float | None = None
    """Where the current utterance begins, in seconds of the recording."""
    _latest: float = 0.0
    """Where the last segment ends."""
    _ends: deque[float] = field(default_factory=deque)
    """Where utterances end that are not written yet."""
    _recognized: list[tuple[Segment, RecognitionResult]] = field(default_factory=list)
    """Segments whose utterance is not complete."""
    _settled: float = -1.0
    """Where the last segment ends of which the outcome is known."""
    _outage: BaseException | None = None
    _noted: str = ""
    """The last error that was noted; the same one is not noted again."""

    def run(
        self,
        events: Iterable[RecordingEvent | None],
        writer: UtteranceWriter,
        end: Callable[[], None],
    ) -> None:
        """Write utterances in order; call `end` when the recording is over.

        A failed segment does not end the recording, unless the service would refuse all others
        too. Raise the first error when everything else is written.
        """
        for event in events:
            if isinstance(event, RecordingStatus):
                self._follow(event)
            elif event and not self._is_hopeless:
                self._apply(event)
            self._write(self.requests.completed(), writer)
            self._report_outage()
        end()
        self.view.wait(len(self.requests))
        self._write(self.requests.remaining(), writer)
        if self.errors:
            first = self.errors[0]
            first.add_context(f"{len(self.errors)} of {self.sent} utterances are not transcribed")
            raise first

    def _apply(self, event: SpeechEvent) -> None:
        if isinstance(event, Ended):
            event = self._count(event)
        self.interim.apply(event, self.requests.apply(event))

    def _count(self, event: Ended) -> Ended:
        """Return the end of a segment, which is final if the utterance has become long."""
        if event.span:
            self.sent += 1
            self._latest = event.span.end
            self._began = event.span.start if self._began is None else self._began
        is_long = self._began is not None and self._latest - self._began >= _LONG_SECONDS
        if event.final or is_long:
            self._began = None
            self._ends.append(self._latest)
        return Ended(event.span, event.final or is_long)

    def _follow(self, status: RecordingStatus) -> None:
        interim = self.interim
        interim.update(status.seconds, status.spoken)
        if interim.poll() and (words := interim.words) != InterimWords():
            self.publish(interim.begun, status.seconds, words)
        self.view.show(status, interim.words, len(self.requests))
        self.check()

    def _write(self, outcomes: Iterator[SegmentOutcome], writer: UtteranceWriter) -> None:
        for outcome in outcomes:
            if outcome.result:
                self.has_text = self.has_text or bool(outcome.result.text.strip())
                segment = recorded_segment(self.capture, outcome.item)
                self._recognized.append((segment, outcome.result))
            elif outcome.failure:
                self._handle_error(outcome.item, outcome.failure)
            self._settled = outcome.item.end
            self._write_settled(writer)
        self._write_settled(writer)  # an utterance may end after its last segment

    def _write_settled(self, writer: UtteranceWriter) -> None:
        while self._ends and self._ends[0] <= self._settled:
            self._write_utterance(self._ends.popleft(), writer)

    def _write_utterance(self, end: float, writer: UtteranceWriter) -> None:
        """Write the segments up to `end`, except those that failed."""
        count = sum(segment.end <= end + _ROUNDING for segment, _ in self._recognized)
        said, self._recognized = self._recognized[:count], self._recognized[count:]
        if said:
            self.view.clear()
            segments, results = zip(*said, strict=True)
            writer.add(segments, results)

    def _handle_error(self, span: TimeSpan, error: StepcliError) -> None:
        self.errors.append(error)
        if self._is_hopeless:
            self.stop()
        elif error.message != self._noted:
            self._noted = error.message
            self.view.note(f"{span.start:.1f} to {span.end:.1f} s: {error.message}")

    def _report_outage(self) -> None:
        """Report once that the service cannot be reached, until it has answered again."""
        failure = self.requests.blocking_failure
        if failure and not self._outage:
            self._noted = str(failure)
            self.view.note(f"{failure}; recording continues and is transcribed later")
        self._outage = failure

    @property
    def _is_hopeless(self) -> bool:
        """Whether the service would refuse all other segments too."""
        return any(
            error.affects_all_requests or isinstance(error, UsageError) for error in self.errors
        )
