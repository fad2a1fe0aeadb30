"""Which segments of a growing recording are sent when, and whose results are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TypeGuard

from stepcli.audio.vad import Ended, Paused, Resumed, SpeechEvent, TimeSpan
from stepcli.errors import NetworkError, QuotaError, ServiceTimeoutError, StepcliError
from stepcli.settings import POLL_SECONDS
from stepcli.tasks.concurrency import Outcome
from stepcli.tasks.transcription.results import RecognitionResult

SHORTEST_SEGMENT = 5.0
"""Seconds of a dictation that are worth recognizing by themselves: fewer words lack context."""
_MAX_ATTEMPTS = 3
"""How often a segment is sent at most, apart from the retries of each request."""

Answer = Future[RecognitionResult]
SegmentOutcome = Outcome[TimeSpan, RecognitionResult]


@dataclass(slots=True)
class _Request:
    """A segment that is sent at most `most` times, not yet if it has no `answer`."""

    span: TimeSpan
    answer: Answer | None = None
    attempts: int = 0
    most: int = _MAX_ATTEMPTS
    is_noted: bool = False
    """Whether the last attempt is over, and what became of it was noted."""

    @property
    def is_under_way(self) -> bool:
        return self.answer is not None and not self.is_noted

    @property
    def has_news(self) -> bool:
        return self.answer is not None and self.answer.done() and not self.is_noted

    @property
    def failure(self) -> BaseException | None:
        """What the last attempt has failed with; None also while it is under way."""
        return self.answer.exception() if self.answer and self.is_noted else None

    @property
    def is_repeatable(self) -> bool:
        """Whether the segment has failed and may succeed later."""
        failure = self.failure
        return (
            self.attempts < self.most
            and isinstance(failure, NetworkError | ServiceTimeoutError | QuotaError)
            and not failure.affects_all_requests
        )

    @property
    def is_due(self) -> bool:
        """Whether the segment is to be sent when the service answers."""
        return self.answer is None or self.is_repeatable

    @property
    def is_settled(self) -> bool:
        return not self.is_due and not self.is_under_way

    def hold_back(self) -> None:
        """Do not send the segment for now if it has not been sent."""
        if self.answer and self.answer.cancel():
            self.answer, self.attempts = None, self.attempts - 1

    def give_up(self, failure: StepcliError) -> None:
        """Let the segment fail with `failure` without being sent again."""
        self.answer, self.most, self.is_noted = Future(), 0, True
        self.answer.set_exception(failure)


@dataclass(slots=True)
class SegmentRequests:
    """Sends segments with `send`, and returns their outcomes in order.

    A segment is sent at a short pause already, so that its result is there when the pause has
    lasted long enough to end it; if speech goes on in the segment, that result is dropped. A
    segment that failed because of the network is sent again when the service has answered for
    another one, and when the recording is over. Later results wait for it. During an outage one
    segment at a time is sent, and the others are held back.
    """

    send: Callable[[TimeSpan], Answer]
    _early: _Request | None = None
    _waiting: deque[_Request] = field(default_factory=deque)
    _outage: StepcliError | None = None
    """What the last segment without any answer has failed with, until there is an answer."""

    def __len__(self) -> int:
        """Return how many segments have ended and were not returned yet."""
        return len(self._waiting)

    def apply(self, event: SpeechEvent) -> Answer | None:
        """Send what `event` makes ready, or drop what it makes obsolete.

        Return the answer to what was sent.
        """
        match event:
            case Paused(span) if not self._outage:
                self._early = _Request(span)
                self._send(self._early)
                return self._early.answer
            case Resumed():
                self._drop_early()
            case Ended(TimeSpan() as span):
                return self._end(span)
        return None

    def completed(self) -> Iterator[SegmentOutcome]:
        """Yield the outcomes up to the first segment without one, without waiting.

        Raise any exception of a request other than StepcliError.
        """
        if self._note_answers():
            self._send(*self._due())
        elif self._outage and not self._under_way():
            self._send(*[request for request in self._waiting if request.answer is None][:1])
        yield from self._settled()

    def remaining(self) -> Iterator[SegmentOutcome]:
        """Wait for all outcomes and yield them; send what has failed or fails once more.

        If the service does not answer for one segment then, the others are not tried.
        """
        self._drop_early()
        for request in self._waiting:
            request.most = min(request.most, max(1, request.attempts) + 1)
        has_tried = False
        while self._waiting:
            self._note_answers()
            yield from self._settled()
            if not self._outage:
                self._send(*self._due())
            elif not self._under_way():
                self._give_up(self._outage) if has_tried else self._send(*self._due()[-1:])
                has_tried = True
            answers = [request.answer for request in self._under_way() if request.answer]
            wait(answers, POLL_SECONDS, FIRST_COMPLETED)

    @property
    def blocking_failure(self) -> BaseException | None:
        """The error for which later results wait."""
        first = next(iter(self._waiting), None)
        return first.failure if first and first.is_repeatable else None

    def _under_way(self) -> list[_Request]:
        return [request for request in self._waiting if request.is_under_way]

    def _note_answers(self) -> bool:
        """Note whether the service answers; return whether it has done so since the last call."""
        news = [request for request in self._waiting if request.has_news]
        for request in news:
            request.is_noted = True
        has_answered = any(request.failure is None for request in news)
        failures = (request.failure for request in news)
        if has_answered:
            self._outage = None
        elif failure := next(filter(_is_outage, failures), None):
            self._outage = failure
            for request in self._under_way()[:-1]:
                request.hold_back()
        return has_answered

    def _settled(self) -> Iterator[SegmentOutcome]:
        while self._waiting and self._waiting[0].is_settled:
            request = self._waiting.popleft()
            assert request.answer
            yield Outcome.of(request.span, request.answer)

    def _due(self) -> list[_Request]:
        return [request for request in self._waiting if request.is_due]

    def _send(self, *requests: _Request) -> None:
        for request in requests:
            request.answer, request.is_noted = self.send(request.span), False
            request.attempts += 1

    def _give_up(self, failure: StepcliError) -> None:
        for request in self._due():
            request.give_up(failure)

    def _end(self, span: TimeSpan) -> Answer | None:
        sent = None
        if self._early is None or self._early.span != span:
            self._drop_early()
            self._early = _Request(span)
            if not (self._outage and self._under_way()):
                self._send(self._early)
                sent = self._early.answer
        self._waiting.append(self._early)
        self._early = None
        return sent

    def _drop_early(self) -> None:
        early, self._early = self._early, None
        if early and early.answer:
            early.answer.cancel()


def _is_outage(failure: BaseException | None) -> TypeGuard[StepcliError]:
    """Return whether `failure` is that of a request without a status from the service."""
    is_lost = isinstance(failure, NetworkError) and failure.status is None
    return is_lost or isinstance(failure, ServiceTimeoutError)
