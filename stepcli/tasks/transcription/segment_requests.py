"""Which segments of a growing recording are sent when, and whose results are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from stepcli.audio.vad import Ended, Paused, Resumed, SpeechEvent, TimeSpan
from stepcli.errors import NetworkError, QuotaError, ServiceTimeoutError
from stepcli.tasks.concurrency import POLL_SECONDS, Outcome
from stepcli.tasks.transcription.results import RecognitionResult

SHORTEST_SEGMENT = 5.0
"""Seconds of a dictation that are worth recognizing by themselves: fewer words lack context."""
_MAX_ATTEMPTS = 3
"""How often a segment is sent at most, apart from the retries of each request."""

Answer = Future[RecognitionResult]
SegmentOutcome = Outcome[TimeSpan, RecognitionResult]


@dataclass(slots=True)
class _Request:
    """A segment that was sent; `attempts` counts how often."""

    span: TimeSpan
    answer: Answer
    attempts: int = 1

    @property
    def failure(self) -> BaseException | None:
        """What the last attempt has failed with; None also while it is under way."""
        return self.answer.exception() if self.answer.done() else None

    @property
    def has_succeeded(self) -> bool:
        return self.answer.done() and self.answer.exception() is None

    @property
    def is_repeatable(self) -> bool:
        """Whether the segment has failed and may succeed later."""
        failure = self.failure
        return (
            self.attempts < _MAX_ATTEMPTS
            and isinstance(failure, NetworkError | ServiceTimeoutError | QuotaError)
            and not failure.affects_all_requests
        )


@dataclass(slots=True)
class SegmentRequests:
    """Sends segments with `send`, and returns their outcomes in order.

    A segment is sent at a short pause already, so that its result is there when the pause has
    lasted long enough to end it; if speech goes on in the segment, that result is dropped. A
    segment that failed because of the network is sent again when the service has answered for a
    later one, and when the recording is over. Later results wait for it.
    """

    send: Callable[[TimeSpan], Answer]
    _early: _Request | None = None
    _waiting: deque[_Request] = field(default_factory=deque)

    def __len__(self) -> int:
        """Return how many segments have ended and were not returned yet."""
        return len(self._waiting)

    def apply(self, event: SpeechEvent) -> Answer | None:
        """Send what `event` makes ready, or drop what it makes obsolete.

        Return the answer to what was sent at a pause.
        """
        match event:
            case Paused(span):
                self._early = _Request(span, self.send(span))
                return self._early.answer
            case Resumed():
                self._drop_early()
            case Ended(TimeSpan() as span):
                self._end(span)
        return None

    def completed(self) -> Iterator[SegmentOutcome]:
        """Yield the outcomes up to the first segment without one, without waiting.

        Raise any exception of a request other than StepcliError.
        """
        has_answered = False
        for request in reversed(self._waiting):
            if has_answered and request.is_repeatable:
                self._repeat(request)
            has_answered = has_answered or request.has_succeeded
        while self._waiting and self._waiting[0].answer.done():
            if self._waiting[0].is_repeatable:
                return
            yield self._first()

    def remaining(self) -> Iterator[SegmentOutcome]:
        """Wait for all outcomes and yield them; send what has failed or fails once more."""
        self._drop_early()
        repeatable = list(self._waiting)
        while self._waiting:
            for request in [one for one in repeatable if one.is_repeatable]:
                self._repeat(request)
                repeatable.remove(request)
            first = self._waiting[0]
            if not wait([first.answer], POLL_SECONDS).done:
                continue
            if not (first.is_repeatable and first in repeatable):
                yield self._first()

    @property
    def blocking_failure(self) -> BaseException | None:
        """The error for which later results wait."""
        first = next(iter(self._waiting), None)
        return first.failure if first and first.is_repeatable else None

    def _first(self) -> SegmentOutcome:
        request = self._waiting.popleft()
        return Outcome.of(request.span, request.answer)

    def _repeat(self, request: _Request) -> None:
        request.answer = self.send(request.span)
        request.attempts += 1

    def _end(self, span: TimeSpan) -> None:
        if self._early is None or self._early.span != span:
            self._drop_early()
            self._early = _Request(span, self.send(span))
        self._waiting.append(self._early)
        self._early = None

    def _drop_early(self) -> None:
        early, self._early = self._early, None
        if early:
            early.answer.cancel()
