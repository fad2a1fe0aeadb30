"""Words of an utterance while it is being spoken: no devices, clocks or threads."""

from __future__ import annotations

from stepcli.audio.vad import Ended, Paused, Resumed, TimeSpan
from stepcli.errors import NetworkError
from stepcli.tasks.transcription.interim import (
    InterimRequests,
    InterimWords,
    LocalAgreement,
    extra_share,
)
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.segment_requests import Answer


def test_words_that_two_successive_results_share_are_stable() -> None:
    agreement = LocalAgreement()
    agreement.add("It was the best")
    assert agreement.words == ("", "It was the best")
    agreement.add("it was the bets of")
    assert agreement.words == ("it was the", " bets of")
    agreement.add("It was the best of times")
    assert agreement.words == ("it was the", " best of times")


def test_stable_words_stay_although_later_results_differ() -> None:
    agreement = LocalAgreement()
    for text in ("one two", "one two", "nine two three"):
        agreement.add(text)
    assert agreement.words == ("one two", " three")


def test_chinese_characters_are_words() -> None:
    agreement = LocalAgreement()
    agreement.add("今天天气很")
    agreement.add("今天天汽很好")
    assert agreement.words == ("今天天", "汽很好")


class Interim:
    """Requests that the test answers."""

    def __init__(self, interval: float = 1.0) -> None:
        self.sent: list[tuple[TimeSpan, Answer]] = []
        self.requests = InterimRequests(self._send, interval)

    def _send(self, span: TimeSpan) -> Answer:
        self.sent.append((span, Answer()))
        return self.sent[-1][1]

    def speak(self, start: float, end: float) -> None:
        """Let a segment go on from `start`, in steps of a tenth of a second, until `end`."""
        for tenth in range(round(10 * start), round(10 * end) + 1):
            self.requests.update(tenth / 10, TimeSpan(start, tenth / 10))

    def answer(self, text: str) -> InterimWords:
        """Answer the last request and return the words."""
        self.sent[-1][1].set_result(RecognitionResult(text))
        self.requests.poll()
        return self.requests.words

    @property
    def spans(self) -> list[TimeSpan]:
        return [span for span, _ in self.sent]


def answered(text: str) -> Answer:
    answer = Answer()
    answer.set_result(RecognitionResult(text))
    return answer


def test_one_request_is_under_way_at_a_time() -> None:
    """The next one is due an interval after the last, or when that is answered."""
    interim = Interim()
    interim.speak(2.0, 5.0)
    assert interim.spans == [TimeSpan(2.0, 3.0)]
    assert interim.answer("one") == ("", "one")
    interim.speak(2.0, 5.5)
    assert interim.spans[1:] == [TimeSpan(2.0, 4.0)]


def test_request_begins_at_the_last_pause_with_a_result() -> None:
    interim = Interim()
    interim.requests.apply(Paused(TimeSpan(0.0, 3.0)), answered("First part."))
    assert interim.requests.poll()
    interim.requests.apply(Resumed(), None)
    interim.requests.update(4.5, TimeSpan(0.0, 4.5))
    assert interim.spans == [TimeSpan(3.0, 4.5)]
    assert interim.answer("second") == ("First part.", " second")


def test_answer_is_dropped_if_the_utterance_has_ended() -> None:
    """The words begin anew with the next one."""
    interim = Interim()
    interim.speak(0.0, 1.0)
    interim.requests.apply(Ended(TimeSpan(0.0, 1.2), final=True), None)
    assert interim.answer("late") == ("", "")
    interim.requests.update(5.0, TimeSpan(4.0, 5.0))
    assert interim.spans[1:] == [TimeSpan(4.0, 5.0)]
    assert interim.requests.begun == 4.0


def test_words_go_on_after_a_segment_of_the_utterance() -> None:
    interim = Interim()
    interim.requests.apply(Paused(TimeSpan(0.0, 3.0)), answered("First."))
    interim.requests.apply(Ended(TimeSpan(0.0, 3.0), final=False), None)
    interim.requests.poll()
    interim.requests.update(5.0, TimeSpan(3.5, 5.0))
    assert interim.spans == [TimeSpan(3.5, 5.0)]
    assert interim.answer("second") == ("First.", " second")
    interim.requests.apply(Ended(TimeSpan(3.5, 5.0), final=True), None)
    assert interim.requests.words == ("", "")


def test_words_of_the_next_segment_wait_for_those_of_a_segment_that_ended_without_a_pause() -> None:
    interim, first = Interim(), Answer()
    interim.requests.apply(Ended(TimeSpan(0.0, 12.0), final=False), first)
    interim.requests.update(13.5, TimeSpan(12.0, 13.5))
    assert interim.answer("second") == ("", "")
    interim.requests.update(14.5, TimeSpan(12.0, 14.5))
    first.set_result(RecognitionResult("First."))
    assert interim.answer("second part") == ("First.", " second part")
    assert interim.spans == [TimeSpan(12.0, 13.5), TimeSpan(12.0, 14.5)]


def test_failed_request_changes_nothing() -> None:
    interim = Interim()
    interim.speak(0.0, 1.0)
    interim.sent[-1][1].set_exception(NetworkError("unreachable"))
    assert not interim.requests.poll()
    interim.requests.update(2.0, TimeSpan(0.0, 2.0))
    assert len(interim.sent) == 2


def test_nothing_is_sent_without_an_interval_or_speech() -> None:
    interim = Interim(0.0)
    interim.speak(0.0, 5.0)
    assert interim.spans == []
    interim = Interim()
    interim.requests.update(5.0, None)
    assert interim.spans == []


def test_shorter_intervals_cost_more() -> None:
    shares = [extra_share(interval) for interval in (0.0, 2.0, 1.0, 0.5)]
    assert shares == sorted(shares)
    assert shares[0] > 0
