"""Which segments are sent when, and whose results are used: no devices, clocks or threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from stepcli.audio.vad import Ended, Paused, Resumed, SpeechEvent, TimeSpan
from stepcli.errors import (
    AuthError,
    ContentError,
    NetworkError,
    ServiceTimeoutError,
    StepcliError,
)
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.segment_requests import Answer, SegmentRequests

ONE, TWO, THREE = TimeSpan(0.0, 2.0), TimeSpan(3.0, 4.0), TimeSpan(5.0, 6.0)
CUT = NetworkError("unreachable")


@dataclass
class Service:
    """Keeps what is sent, to be answered by the test.

    If it `is_busy`, requests wait for their turn.
    """

    sent: list[tuple[TimeSpan, Answer]] = field(default_factory=list)
    is_busy: bool = False

    def send(self, span: TimeSpan) -> Answer:
        answer = Answer()
        if not self.is_busy:
            answer.set_running_or_notify_cancel()
        self.sent.append((span, answer))
        return answer

    @property
    def spans(self) -> list[TimeSpan]:
        return [span for span, _ in self.sent]

    def answer(self, index: int, text: str) -> None:
        self.sent[index][1].set_result(RecognitionResult(text))

    def fail(self, index: int, error: StepcliError) -> None:
        self.sent[index][1].set_exception(error)


@dataclass
class Run:
    service: Service = field(default_factory=Service)

    def __post_init__(self) -> None:
        self.requests = SegmentRequests(self.service.send)

    def happens(self, *events: SpeechEvent) -> None:
        for event in events:
            self.requests.apply(event)

    @property
    def texts(self) -> list[str | None]:
        """The texts that are complete now, None for a failure."""
        return [one.result.text if one.result else None for one in self.requests.completed()]


@pytest.fixture
def run() -> Run:
    return Run()


def test_segment_is_sent_at_the_pause_and_used_when_it_ends(run: Run) -> None:
    run.happens(Paused(ONE))
    assert run.service.spans == [ONE]
    run.service.answer(0, "one")
    assert run.texts == []
    run.happens(Ended(ONE, final=True))
    assert run.texts == ["one"]
    assert run.service.spans == [ONE]


def test_result_is_dropped_if_speech_goes_on(run: Run) -> None:
    """The whole segment is sent at its end."""
    run.service.is_busy = True
    whole = TimeSpan(0.0, 4.0)
    run.happens(Paused(ONE), Resumed(), Ended(whole, final=True))
    assert run.service.spans == [ONE, whole]
    run.service.answer(1, "whole")
    assert run.texts == ["whole"]
    assert run.service.sent[0][1].cancelled()


def test_segment_that_ends_elsewhere_is_sent_again(run: Run) -> None:
    run.happens(Paused(ONE), Ended(TWO, final=False))
    assert run.service.spans == [ONE, TWO]
    assert len(run.requests) == 1


def test_answer_to_what_was_sent_at_the_end_is_returned(run: Run) -> None:
    """None if the segment was sent at the pause before."""
    sent = run.requests.apply(Ended(ONE, final=False))
    assert sent is run.service.sent[0][1]
    run.happens(Paused(TWO))
    assert run.requests.apply(Ended(TWO, final=True)) is None


def test_end_without_speech_sends_nothing(run: Run) -> None:
    run.happens(Ended(None, final=True))
    assert run.service.spans == []


def test_results_come_in_the_order_of_the_segments(run: Run) -> None:
    run.happens(Ended(ONE, final=False), Ended(TWO, final=True))
    run.service.answer(1, "two")
    assert run.texts == []
    run.service.answer(0, "one")
    assert run.texts == ["one", "two"]


def test_segment_that_could_not_be_sent_is_sent_again_when_the_service_answers(run: Run) -> None:
    """Later results wait for it."""
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True), Ended(THREE, final=True))
    run.service.fail(0, CUT)
    run.service.fail(1, CUT)
    assert run.texts == []
    assert run.requests.blocking_failure is CUT
    run.service.answer(2, "three")
    assert run.texts == []
    assert run.service.spans[3:] == [ONE, TWO]
    assert run.requests.blocking_failure is None
    run.service.answer(4, "two")
    run.service.answer(3, "one")
    assert run.texts == ["one", "two", "three"]


def test_segment_that_fails_again_and_again_is_given_out_as_failed(run: Run) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.answer(1, "two")
    run.service.fail(0, CUT)
    assert run.texts == []
    run.service.fail(2, CUT)
    assert run.texts == []
    run.happens(Ended(THREE, final=True))
    run.service.answer(3, "three")
    assert run.texts == []
    run.service.fail(4, CUT)
    assert run.texts == [None, "two", "three"]


def test_failed_segments_are_sent_once_more_at_the_end(run: Run) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.fail(0, CUT)
    assert run.texts == []
    run.service.answer(1, "two")
    remaining = run.requests.remaining()
    run.requests.send = answering(run.requests.send)
    assert [one.result.text for one in remaining if one.result] == ["again", "two"]


def test_segment_that_fails_after_the_end_is_sent_once_more(run: Run) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.answer(1, "two")
    run.requests.send = answering(run.requests.send)
    remaining = run.requests.remaining()
    run.service.fail(0, CUT)
    assert [one.result.text for one in remaining if one.result] == ["again", "two"]
    assert run.service.spans == [ONE, TWO, ONE]


def test_segment_that_fails_twice_after_the_end_is_given_out_as_failed(run: Run) -> None:
    run.happens(Ended(ONE, final=True))
    run.service.fail(0, CUT)
    run.requests.send = failing(run.requests.send, CUT)
    assert [one.failure for one in run.requests.remaining()] == [CUT]
    assert run.service.spans == [ONE, ONE]


class TestOutage:
    """While no request is answered."""

    def test_one_segment_at_a_time_is_sent(self, run: Run) -> None:
        """The others are sent when it has been answered."""
        run.happens(Ended(ONE, final=True))
        run.service.fail(0, CUT)
        assert run.texts == []
        run.happens(Paused(TWO), Ended(TWO, final=True), Ended(THREE, final=True))
        assert run.service.spans == [ONE, TWO]
        run.service.answer(1, "two")
        assert run.texts == []
        assert run.service.spans[2:] == [ONE, THREE]
        run.service.answer(2, "one")
        run.service.answer(3, "three")
        assert run.texts == ["one", "two", "three"]

    def test_next_segment_is_sent_when_one_has_failed(self, run: Run) -> None:
        run.happens(Ended(ONE, final=True))
        run.service.fail(0, CUT)
        assert run.texts == []
        run.happens(Ended(TWO, final=True), Ended(THREE, final=True))
        run.service.fail(1, CUT)
        assert run.texts == []
        assert run.service.spans == [ONE, TWO, THREE]

    def test_segments_that_wait_for_their_turn_are_held_back(self, run: Run) -> None:
        run.happens(Ended(ONE, final=True))
        run.service.is_busy = True
        run.happens(Ended(TWO, final=True), Ended(THREE, final=True))
        run.service.fail(0, CUT)
        assert run.texts == []
        assert [answer.cancelled() for _, answer in run.service.sent] == [False, True, False]
        run.service.answer(2, "three")
        assert run.texts == []
        assert run.service.spans[3:] == [ONE, TWO]

    @pytest.mark.parametrize("error", [CUT, ServiceTimeoutError("silent")])
    def test_outage_that_lasts_is_tried_once_at_the_end(
        self, run: Run, error: StepcliError
    ) -> None:
        """Not with each segment, which could take minutes."""
        run.happens(Ended(ONE, final=True))
        run.service.fail(0, error)
        assert run.texts == []
        run.happens(Ended(TWO, final=True), Ended(THREE, final=True))
        run.service.fail(1, error)
        run.requests.send = failing(run.requests.send, error)
        assert [one.failure for one in run.requests.remaining()] == [error] * 3
        assert run.service.spans == [ONE, TWO, THREE]

    def test_segments_are_sent_when_the_service_answers_at_the_end(self, run: Run) -> None:
        run.happens(Ended(ONE, final=True))
        run.service.fail(0, CUT)
        assert run.texts == []
        run.happens(Ended(TWO, final=True), Ended(THREE, final=True))
        run.service.fail(1, CUT)
        run.requests.send = answering(run.requests.send)
        assert [one.result for one in run.requests.remaining()] == [AGAIN] * 3
        assert run.service.spans[2:] == [THREE, ONE, TWO]

    def test_failure_with_a_status_is_no_outage(self, run: Run) -> None:
        """Each segment is sent."""
        run.happens(Ended(ONE, final=True))
        run.service.fail(0, NetworkError("failed", status=500))
        assert run.texts == []
        run.happens(Ended(TWO, final=True), Ended(THREE, final=True))
        assert run.service.spans == [ONE, TWO, THREE]


AGAIN = RecognitionResult("again")
Send = Callable[[TimeSpan], Answer]


def answering(send: Send) -> Send:
    def sent(span: TimeSpan) -> Answer:
        answer = send(span)
        answer.set_result(AGAIN)
        return answer

    return sent


def failing(send: Send, error: StepcliError) -> Send:
    def sent(span: TimeSpan) -> Answer:
        answer = send(span)
        answer.set_exception(error)
        return answer

    return sent


@pytest.mark.parametrize("error", [ContentError("refused"), AuthError("no key")])
def test_error_that_would_come_again_is_given_out_at_once(run: Run, error: StepcliError) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.answer(1, "two")
    run.service.fail(0, error)
    assert run.texts == [None, "two"]
    assert len(run.service.sent) == 2
