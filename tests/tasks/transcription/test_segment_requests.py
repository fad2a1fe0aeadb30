"""Which segments are sent when, and whose results are used: no devices, clocks or threads."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from stepcli.audio.vad import Ended, Paused, Resumed, SpeechEvent, TimeSpan
from stepcli.errors import AuthError, ContentError, NetworkError, StepcliError
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.segment_requests import Answer, SegmentRequests

ONE, TWO, THREE = TimeSpan(0.0, 2.0), TimeSpan(3.0, 4.0), TimeSpan(5.0, 6.0)
CUT = NetworkError("unreachable")


@dataclass
class Service:
    """Keeps what is sent, to be answered by the test."""

    sent: list[tuple[TimeSpan, Answer]] = field(default_factory=list)

    def send(self, span: TimeSpan) -> Answer:
        answer = Answer()
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
    assert run.service.spans[3:] == [TWO, ONE]
    assert run.requests.blocking_failure is None
    run.service.answer(3, "two")
    run.service.answer(4, "one")
    assert run.texts == ["one", "two", "three"]


def test_segment_that_fails_again_and_again_is_given_out_as_failed(run: Run) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.answer(1, "two")
    run.service.fail(0, CUT)
    assert run.texts == []
    run.service.fail(2, CUT)
    assert run.texts == []
    run.service.fail(3, CUT)
    assert run.texts == [None, "two"]


def test_failed_segments_are_sent_once_more_at_the_end(run: Run) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.fail(0, CUT)
    assert run.texts == []
    run.service.answer(1, "two")
    remaining = run.requests.remaining()
    sent = run.requests.send
    run.requests.send = lambda span: answered(sent(span))
    assert [one.result.text for one in remaining if one.result] == ["again", "two"]


def test_segment_that_fails_after_the_end_is_sent_once_more(run: Run) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.answer(1, "two")
    sent = run.requests.send
    run.requests.send = lambda span: answered(sent(span))
    remaining = run.requests.remaining()
    run.service.fail(0, CUT)
    assert [one.result.text for one in remaining if one.result] == ["again", "two"]
    assert run.service.spans == [ONE, TWO, ONE]


def test_segment_that_fails_twice_after_the_end_is_given_out_as_failed(run: Run) -> None:
    run.happens(Ended(ONE, final=True))
    run.service.fail(0, CUT)
    sent = run.requests.send

    def failing(span: TimeSpan) -> Answer:
        answer = sent(span)
        answer.set_exception(CUT)
        return answer

    run.requests.send = failing
    assert [one.failure for one in run.requests.remaining()] == [CUT]
    assert run.service.spans == [ONE, ONE]


def answered(answer: Answer) -> Answer:
    answer.set_result(RecognitionResult("again"))
    return answer


@pytest.mark.parametrize("error", [ContentError("refused"), AuthError("no key")])
def test_error_that_would_come_again_is_given_out_at_once(run: Run, error: StepcliError) -> None:
    run.happens(Ended(ONE, final=True), Ended(TWO, final=True))
    run.service.answer(1, "two")
    run.service.fail(0, error)
    assert run.texts == [None, "two"]
    assert len(run.service.sent) == 2
