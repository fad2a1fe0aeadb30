"""Transcribe inputs: cut each into pieces, recognize them in parallel, report in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta
from stepcli.audio.segments import Segment
from stepcli.audio_types import Recording
from stepcli.errors import StepcliError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.concurrency import Emit, EventStream, Work
from stepcli.tasks.transcription.conversation import Conversation
from stepcli.tasks.transcription.results import RecognitionResult, ResultStore
from stepcli.tasks.transcription.segment_recognizer import Recognize, SegmentRecognizer
from stepcli.tasks.transcription.transcript import Transcript

Received = Callable[[int, int | None], None]
"""Gets the bytes of an input received so far and their total, None if unknown."""
OpenInput = Callable[[Received], tuple[float | None, Iterator[Segment]]]
"""Returns the duration in seconds, None where it is unknown, and the pieces as they are cut."""


@dataclass(frozen=True, slots=True)
class InputReceiving:
    """A part of an input was downloaded; sizes are in bytes, `total` is None where unknown."""

    input: int
    received: int
    total: int | None


@dataclass(frozen=True, slots=True)
class InputOpened:
    """An input, counted from 0, was opened; `duration` is in seconds, None where unknown."""

    input: int
    duration: float | None


@dataclass(frozen=True, slots=True)
class SegmentReady:
    """A piece was cut and can be recognized."""

    input: int
    segment: Segment


@dataclass(frozen=True, slots=True)
class DeltaReceived:
    """A delta arrived; its times are in seconds of its piece."""

    input: int
    segment: Segment
    delta: TranscriptDelta


@dataclass(frozen=True, slots=True)
class SegmentRecognized:
    """A piece is complete."""

    input: int
    segment: Segment
    result: RecognitionResult


@dataclass(frozen=True, slots=True)
class Failed:
    """A piece failed; with no piece, opening or cutting the input failed."""

    input: int
    segment: Segment | None
    error: StepcliError


@dataclass(frozen=True, slots=True)
class Skipped:
    """A piece is not recognized: another piece of the input failed, or the run was stopped."""

    input: int
    segment: Segment


@dataclass(frozen=True, slots=True)
class InputSegmented:
    """The input has no more pieces."""

    input: int


Event = (
    InputReceiving
    | InputOpened
    | SegmentReady
    | DeltaReceived
    | SegmentRecognized
    | Failed
    | Skipped
    | InputSegmented
)


@dataclass(frozen=True, slots=True)
class Transcription:
    """The transcription of `inputs`, each opened when its turn comes.

    `request` makes the request for a recording, which `recognize` sends; `store` keeps results
    for a later run; `languages` are tried if none is requested and no words are recognized.
    After a failure no more pieces of that input are sent, and none at all if other requests would
    fail in the same way; requests under way are completed and their results kept.
    """

    inputs: Sequence[OpenInput]
    request: Callable[[Recording], RecognitionRequest]
    recognize: Recognize
    store: ResultStore
    languages: Sequence[str] = ()
    _failed: set[int] = field(default_factory=set)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def events(self, limit: AdaptiveLimit) -> Generator[Event]:
        """Yield events as they happen, with as many requests at a time as `limit` allows."""
        yield from EventStream(self._prepare, limit)

    def stop(self) -> None:
        """Send nothing more. Inputs that are not complete have no result."""
        self._stopped.set()

    def _prepare(self, emit: Emit[Event]) -> Iterator[Work[Event]]:
        for input, open in enumerate(self.inputs):
            if self._stopped.is_set():
                return
            try:
                duration, segments = open(partial(_emit_received, emit, input))
                emit(InputOpened(input, duration))
                for segment in segments:
                    if input in self._failed:
                        break  # and report the failure, also if it has stopped the run
                    if self._stopped.is_set():
                        return
                    emit(SegmentReady(input, segment))
                    yield partial(self._process, input, segment)
            except StepcliError as error:
                self._failed.add(input)
                emit(Failed(input, None, error))
            emit(InputSegmented(input))

    def _process(self, input: int, segment: Segment, emit: Emit[Event]) -> None:
        if input in self._failed or self._stopped.is_set():
            return emit(Skipped(input, segment))
        try:
            emit(SegmentRecognized(input, segment, self._result(input, segment, emit)))
        except StepcliError as error:
            if error.affects_all_requests and self._stopped.is_set():
                return emit(Skipped(input, segment))
            self._failed.add(input)
            if error.affects_all_requests:
                self.stop()
            emit(Failed(input, segment, error))

    def _result(self, input: int, segment: Segment, emit: Emit[Event]) -> RecognitionResult:
        recognizer = SegmentRecognizer(self.request, self.recognize, self.store, self.languages)
        return recognizer.result(segment, lambda delta: emit(DeltaReceived(input, segment, delta)))


def _emit_received(emit: Emit[Event], input: int, received: int, total: int | None) -> None:
    emit(InputReceiving(input, received, total))


@dataclass(frozen=True, slots=True)
class InputResult:
    """The transcript of an input, or the error of its first piece that failed."""

    input: int
    result: Transcript | StepcliError


def in_order(events: Iterable[Event], inputs: int) -> Iterator[DeltaReceived | InputResult]:
    """Yield the deltas and the result of the first input, then of the second, and so on.

    A delta is yielded as soon as everything before it has been. An input that the end of the run
    left incomplete has no result.
    """
    waiting = {number: _InputState(number) for number in range(inputs)}
    for event in events:
        waiting[event.input].apply(event)
        while waiting:
            first = next(iter(waiting.values()))
            yield from first.new_deltas()
            if not first.complete:
                break
            # A state holds the decoded audio of its input, which has an open temporary file.
            del waiting[first.number]
            if result := first.result():
                yield result


@dataclass(slots=True)
class _SegmentState:
    segment: Segment
    pending: list[DeltaReceived] = field(default_factory=list)
    """Deltas that were not yielded yet."""
    result: RecognitionResult | None = None
    error: StepcliError | None = None
    skipped: bool = False

    @property
    def complete(self) -> bool:
        return bool(self.result or self.error or self.skipped)


@dataclass(slots=True)
class _InputState:
    number: int
    segments: dict[tuple[str | None, float], _SegmentState] = field(default_factory=dict)
    """By the speaker and the start of the piece in seconds, in order."""
    yielded: int = 0
    """Pieces whose deltas were all yielded."""
    segmented: bool = False
    error: StepcliError | None = None

    def apply(self, event: Event) -> None:
        match event:
            case SegmentReady(_, segment):
                self.segments[_key(segment)] = _SegmentState(segment)
            case DeltaReceived(_, segment, _):
                self.segments[_key(segment)].pending.append(event)
            case SegmentRecognized(_, segment, result):
                self.segments[_key(segment)].result = result
            case Failed(_, None, error):
                self.error = error
            case Failed(_, Segment() as segment, error):
                self.segments[_key(segment)].error = error
            case Skipped(_, segment):
                self.segments[_key(segment)].skipped = True
            case InputSegmented():
                self.segmented = True

    def new_deltas(self) -> Iterator[DeltaReceived]:
        """Yield pending deltas up to the first piece that is not complete."""
        for state in list(self.segments.values())[self.yielded :]:
            pending, state.pending = state.pending, []
            yield from pending
            if not state.result:
                return
            self.yielded += 1

    @property
    def complete(self) -> bool:
        return self.segmented and all(state.complete for state in self.segments.values())

    def result(self) -> InputResult | None:
        """Return the result; None if pieces were skipped although none has failed."""
        states = self.segments.values()
        errors = [state.error for state in states if state.error]
        errors += [self.error] if self.error else []
        if errors:
            return InputResult(self.number, errors[0])
        if any(state.skipped for state in states):
            return None
        results = [state.result for state in states if state.result]
        segments = [state.segment for state in states]
        has_speakers = any(segment.speaker is not None for segment in segments)
        kind = Conversation if has_speakers else Transcript
        return InputResult(self.number, kind(segments, results))


def _key(segment: Segment) -> tuple[str | None, float]:
    return segment.speaker, segment.start
