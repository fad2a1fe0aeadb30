"""Streaming over sessions that are lost: every sentence once, in order, and reported."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar

import pytest

from stepcli.api.realtime import (
    AudioReceived,
    Event,
    SentenceEnded,
    SentenceStarted,
    SessionFinished,
)
from stepcli.api.retry import retry_delay
from stepcli.api.service_errors import SessionLost
from stepcli.errors import NetworkError, QuotaError
from stepcli.tasks.streaming.stream import StreamSettings, StreamSpeaker
from tests.support.fake_realtime import CUT, FakeSession
from tests.support.streaming import TEXT, Stage, endless, words


def test_everything_is_spoken_and_written_once() -> None:
    stage = Stage()
    stage.speak(words(TEXT))
    assert stage.service.received == [TEXT + " "]
    assert stage.kept.text == stage.heard.text == TEXT
    assert stage.result.sentences == 4
    assert stage.result.characters == len(TEXT) + 1
    assert stage.result.reconnects == 0
    assert stage.result.first_audio_ms is not None


def test_sentences_have_the_times_of_the_sound() -> None:
    stage = Stage()
    stage.speak([TEXT])
    reported = stage.output.sentences
    assert [sentence.text.strip() for sentence in reported][::3] == ["One is here.", "The end."]
    assert reported[0].start == 0
    assert [one.end for one in reported[:-1]] == [one.start for one in reported[1:]]
    assert reported[-1].end == stage.output.seconds == len(TEXT) / 1000


@pytest.mark.parametrize("after", range(1, 16))
def test_session_lost_anywhere_loses_nothing(after: int) -> None:
    """The next one begins with the sentence that was cut; the file has every sentence once."""
    stage = Stage(after)
    stage.speak(words(TEXT))
    assert stage.kept.letters == TEXT.replace(" ", "")
    assert stage.result.reconnects == 1
    finished = after // 4
    assert len(stage.service.received[1].split()) == len(TEXT.split()) - sum(
        (3, 3, 3, 2)[:finished]
    )


def test_listener_hears_a_cut_sentence_from_its_beginning() -> None:
    stage = Stage(6)
    stage.speak([TEXT])
    assert stage.heard.text == "One is here. Two isTwo is there! Is three anywhere? The end."
    assert stage.kept.letters == TEXT.replace(" ", "")


def test_losses_with_a_sentence_between_them_are_not_limited() -> None:
    """`retries` counts losses in a row: a long text may lose its session more often."""
    stage = Stage(5, 5, 5)
    stage.speak([TEXT], retries=1)
    assert stage.kept.letters == TEXT.replace(" ", "")
    assert stage.result.reconnects == 3


def test_losses_in_a_row_are_limited_by_retries() -> None:
    stage = Stage(2, 2, 2, 2, 2)
    with pytest.raises(NetworkError) as caught:
        stage.speak([TEXT], retries=2)
    assert caught.value is CUT
    assert len(stage.service.sessions) == 3
    assert [note.rpartition("(")[2] for note in stage.notes] == ["1 of 2)", "2 of 2)"]
    assert stage.kept.data == b""


def test_unreachable_service_is_tried_as_often_as_retries_allow() -> None:
    attempts: list[int] = []

    def refuse() -> AbstractContextManager[FakeSession]:
        attempts.append(1)
        raise SessionLost(CUT)

    with pytest.raises(NetworkError):
        Stage().speak(endless(), retries=2, open_session=refuse)
    assert len(attempts) == 3


def test_long_retry_after_ends_the_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    def refuse() -> AbstractContextManager[FakeSession]:
        attempts.append(1)
        raise SessionLost(QuotaError("too many requests"), after=3600)

    monkeypatch.setattr("stepcli.api.retry.retry_delay", retry_delay)
    with pytest.raises(QuotaError, match="asks to wait 3600 s"):
        Stage().speak(endless(), retries=2, open_session=refuse)
    assert len(attempts) == 1


def test_sessions_of_further_texts_are_not_reconnects() -> None:
    stage = Stage()
    settings = StreamSettings(60.0, 3, 600.0)
    speaker = StreamSpeaker(stage.service.open, stage.output, settings, stage.notes.append)
    for _ in range(3):
        speaker.speak(["One line."])
    assert (speaker.result.sessions, speaker.result.reconnects) == (3, 0)


class Hasty(FakeSession):
    """Reports the end without having spoken anything."""

    def done(self) -> None:
        self._events.put(SessionFinished(b""))

    def say(self, text: str) -> None:
        self.texts.append(text)


def test_session_that_finishes_without_speaking_is_retried() -> None:
    """Unspoken text is sent again, and reported in the end."""
    stage = Stage()
    sessions = [Hasty(None), Hasty(None)]
    with pytest.raises(NetworkError, match="did not speak all"):
        stage.speak([TEXT], retries=1, open_session=lambda: nullcontext(sessions.pop()))
    assert sessions == []


class SpellingOut(FakeSession):
    """Reports what a sentence sounds like, and ends after the first without finishing."""

    spelled_out: ClassVar = {"It costs $1,000.": "It costs one thousand dollars and no cents."}

    def done(self) -> None:
        self._rest()

    def receive(self, timeout: float) -> Event | None:
        event = super().receive(timeout)
        if isinstance(event, SentenceEnded):
            self.hang_up()
            return SentenceEnded(self.spelled_out.get(event.text, event.text))
        return event


def test_text_after_a_spelled_out_sentence_is_spoken_when_the_session_ends_early() -> None:
    stage = Stage()
    sessions = [SpellingOut(None), FakeSession(None)]
    stage.speak(
        ["It costs $1,000. Then we go. Home."],
        open_session=lambda: nullcontext(sessions[stage.result.sessions]),
    )
    assert "".join(sessions[1].texts) == "Then we go. Home."
    assert stage.kept.text == "It costs $1,000.Then we go. Home."


def test_session_that_ends_after_done_without_finishing_is_never_a_success() -> None:
    """Not even if every sentence was confirmed."""

    class Unfinished(FakeSession):
        def done(self) -> None:
            self._rest()
            self.cut_after = self._events.qsize()

    stage = Stage()
    with pytest.raises(NetworkError, match="before the service confirmed the end"):
        stage.speak([TEXT], open_session=lambda: nullcontext(Unfinished(None)))
    assert stage.kept.text == TEXT


def test_half_a_sample_at_the_end_of_a_sentence_belongs_to_no_other() -> None:
    class Odd(FakeSession):
        def receive(self, timeout: float) -> Event | None:
            event = super().receive(timeout)
            if isinstance(event, AudioReceived) and event.data.endswith(b".\0"):
                return AudioReceived(event.data + b"\x7f")
            return event

    stage = Stage()
    stage.speak(["One is. Two is."], open_session=lambda: nullcontext(Odd(None)))
    assert stage.kept.text == "One is. Two is."


@pytest.mark.parametrize("report", ["nothing alike", ""])
def test_losses_are_limited_if_no_sentence_can_be_recognized(report: str) -> None:
    """The same text is not spoken again and again."""

    class Unrecognizable(FakeSession):
        def receive(self, timeout: float) -> Event | None:
            event = super().receive(timeout)
            if isinstance(event, SentenceStarted | SentenceEnded):
                return type(event)(report)
            return event

        def done(self) -> None:
            self._rest()
            self.cut_after = self._events.qsize()

    stage = Stage()
    with pytest.raises(NetworkError):
        stage.speak([TEXT], retries=2, open_session=lambda: nullcontext(Unrecognizable(None)))
    assert stage.result.sessions == 3
