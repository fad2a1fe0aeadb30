"""Streaming over sessions that are lost: every sentence once, in order, and reported."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
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
from stepcli.api.realtime_connection import LARGEST_FRAME
from stepcli.api.retry import retry_delay
from stepcli.api.service_errors import SessionLost
from stepcli.audio.stream_decoder import RawDecoder
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, QuotaError, ServiceTimeoutError, UsageError
from stepcli.tasks.streaming.sentence_output import SentenceOutput
from stepcli.tasks.streaming.stream import StreamResult, StreamSettings, StreamSpeaker
from stepcli.text.speaking_time import SLOWEST, speaking_time
from tests.support.fake_realtime import CUT, FakeRealtimeService, FakeSession
from tests.support.memory_sink import MemorySink

TEXT = "One is here. Two is there! Is three anywhere? The end."


class Stage:
    """A speaker with a service in memory, a file and a live sink."""

    def __init__(self, *cuts: int | None) -> None:
        self.service = FakeRealtimeService(*cuts)
        self.kept, self.heard = MemorySink(), MemorySink()
        self.output = SentenceOutput(PCM(1000), (), [self.kept], RawDecoder)
        self.result = StreamResult()
        self.notes: list[str] = []

    def speak(
        self,
        texts: Iterable[str],
        *,
        retries: int = 3,
        flush_after: float = 600.0,
        timeout: float = 60.0,
        open_session: Callable[[], AbstractContextManager[FakeSession]] | None = None,
    ) -> None:
        speaker = StreamSpeaker(
            open_session or self.service.open,
            self.output,
            StreamSettings(timeout, retries, flush_after),
            self.notes.append,
        )
        self.result = speaker.result
        speaker.speak(texts, [self.heard])


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcli.api.retry.retry_delay", lambda _attempt, _after: 0.0)


def words(text: str) -> list[str]:
    """Return `text` in the pieces that a language model writes."""
    return [word + " " for word in text.split(" ")]


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


def endless() -> Iterator[str]:
    """Text that never begins."""
    threading.Event().wait()
    yield ""


class Writer:
    """A writer whose pauses are controlled by the test."""

    def __init__(self) -> None:
        self._texts: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[str]:
        while (text := self._texts.get()) is not None:
            yield text

    def write(self, text: str) -> None:
        self._texts.put(text)

    def leave(self) -> None:
        self._texts.put(None)


def test_pause_flushes_gathered_text_once() -> None:
    """An incomplete sentence is spoken after a pause; blank text is not sent."""
    stage, writer = Stage(), Writer()
    background = Background(stage, writer, flush_after=0.01)
    writer.write("Half a sen")
    background.wait_for("Half a sen")
    writer.write("tence. ")
    writer.leave()
    background.join()
    assert stage.heard.text == "Half a sentence."
    assert 1 <= stage.service.sessions[0].flushes <= 2


def test_idle_session_is_replaced_when_text_comes() -> None:
    stage, writer = Stage(), Writer()
    background = Background(stage, writer, flush_after=0.01)
    writer.write("One is here. ")
    background.wait_for("One is here.")
    stage.service.sessions[0].hang_up()
    background.wait_until(lambda: stage.service.sessions[0].closed)
    assert len(stage.service.sessions) == 1
    writer.write("Two is there.")
    writer.leave()
    background.join()
    assert stage.service.received == ["One is here. ", "Two is there."]
    assert stage.result.reconnects == 1
    assert stage.notes == []


def test_idle_session_that_is_finished_is_replaced_as_well() -> None:
    stage, writer = Stage(), Writer()
    background = Background(stage, writer)
    writer.write("One is here.")
    background.wait_for("One is here.")
    stage.service.sessions[0].done()
    background.wait_until(lambda: stage.service.sessions[0].closed)
    writer.write(" Two.")
    writer.leave()
    background.join()
    assert stage.kept.text == "One is here. Two."


def test_live_sink_is_flushed_in_a_pause() -> None:
    stage, writer = Stage(), Writer()
    background = Background(stage, writer)
    writer.write("One is here.")
    background.wait_for("One is here.")
    background.wait_until(lambda: stage.heard.flushes > 0)
    writer.leave()
    background.join()


class Background:
    """Speaks in a thread, while the test writes."""

    def __init__(self, stage: Stage, writer: Writer, *, flush_after: float = 600.0) -> None:
        self._stage = stage
        self._flush_after = flush_after
        self._thread = threading.Thread(target=self._run, args=(writer,), daemon=True)
        self._thread.start()

    def _run(self, writer: Writer) -> None:
        self._stage.speak(writer, flush_after=self._flush_after)

    def wait_for(self, text: str) -> None:
        self.wait_until(lambda: self._stage.heard.text.endswith(text))

    def wait_until(self, so: Callable[[], bool]) -> None:
        for _ in range(2000):
            if so():
                return
            threading.Event().wait(0.005)
        raise AssertionError("it never came")

    def join(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.mark.parametrize("texts", [[], [""], [" \n", "\t"]])
def test_blank_text_is_a_usage_error_and_not_sent(texts: list[str]) -> None:
    stage = Stage()
    with pytest.raises(UsageError, match="blank"):
        stage.speak(texts)
    assert "".join(stage.service.received) == ""


def test_blank_beginning_is_sent_with_the_first_words() -> None:
    stage = Stage()
    stage.speak(["\n", " ", "Hi", " "])
    assert stage.service.received == ["\n Hi "]


def test_text_before_invalid_bytes_is_spoken_before_the_error() -> None:
    def broken() -> Iterator[str]:
        yield "Fine so far. "
        raise UsageError("stdin is not UTF-8")

    stage = Stage()
    with pytest.raises(UsageError, match="not UTF-8"):
        stage.speak(broken())
    assert stage.kept.text == "Fine so far."


def test_internal_error_of_the_input_is_raised() -> None:
    def broken() -> Iterator[str]:
        yield "Fine so far. "
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Stage().speak(broken())


def test_silence_while_sound_is_owed_is_a_timeout() -> None:
    class Mute(FakeSession):
        def _speak(self, sentence: str) -> None: ...

        def done(self) -> None: ...

    with pytest.raises(ServiceTimeoutError) as caught:
        Stage().speak(["Hello."], timeout=0.05, open_session=lambda: nullcontext(Mute(None)))
    assert caught.value.trace_id == "session-1"


def test_pause_in_the_text_is_not_a_timeout() -> None:
    """The timeout does not apply if no audio is due."""
    stage, writer = Stage(), Writer()
    thread = threading.Thread(target=lambda: stage.speak(writer, timeout=1.0), daemon=True)
    thread.start()
    threading.Event().wait(1.5)
    writer.write("At last.")
    writer.leave()
    thread.join(20)
    assert stage.kept.text == "At last."


def test_threads_end_with_the_text() -> None:
    Stage().speak([TEXT])
    names = {thread.name for thread in threading.enumerate()}
    assert "text-sender" not in names


def test_long_text_is_sent_in_deltas_of_the_allowed_length() -> None:
    stage = Stage()
    stage.speak(["word " * 400 + "end."])
    assert max(map(len, stage.service.sessions[0].texts)) <= 1000
    assert stage.service.received == ["word " * 400 + "end."]


LONG = "".join(f"This is sentence {number} of a long text. " for number in range(200))


def test_session_is_replaced_before_its_audio_exceeds_a_frame() -> None:
    """At the slowest pace, the last frame of each session is still one that can be read."""
    stage = Stage()
    stage.speak(words(LONG))
    assert len(stage.service.sessions) > 2
    for text in stage.service.received:
        samples = 48000 * SLOWEST * speaking_time(text)
        assert 2 * samples * 4 / 3 < LARGEST_FRAME


@pytest.mark.parametrize("texts", [words(LONG), [LONG]], ids=["written", "complete"])
@pytest.mark.parametrize("cuts", [(), (6,), (None, 9)], ids=["none", "first", "second"])
def test_replaced_sessions_speak_everything_once(
    texts: list[str], cuts: tuple[int | None, ...]
) -> None:
    """The sound and the times of the sentences continue; only losses count as reconnects."""
    stage = Stage(*cuts)
    stage.speak(texts)
    spoken = LONG.replace(" ", "")
    assert stage.kept.letters == spoken
    reported = stage.output.sentences
    assert "".join(one.text for one in reported).replace(" ", "") == spoken
    assert [one.end for one in reported[:-1]] == [one.start for one in reported[1:]]
    assert reported[-1].end == stage.output.seconds
    assert stage.result.reconnects == len(stage.notes) == len(cuts[-1:])
    assert stage.result.sessions > 2 + stage.result.reconnects
    assert stage.result.characters == sum(map(len, texts))


def test_live_sink_is_flushed_while_the_session_is_replaced() -> None:
    stage = Stage()
    stage.speak([LONG])
    assert stage.heard.flushes >= stage.result.texts > 2


def test_sessions_of_further_texts_are_not_reconnects() -> None:
    stage = Stage()
    settings = StreamSettings(60.0, 3, 600.0)
    speaker = StreamSpeaker(stage.service.open, stage.output, settings, stage.notes.append)
    for _ in range(3):
        speaker.speak(["One line."])
    assert (speaker.result.sessions, speaker.result.reconnects) == (3, 0)


def test_blank_rest_of_a_long_text_is_not_an_error() -> None:
    stage = Stage()
    stage.speak(["word " * 700 + "\n" * 3000])
    assert stage.kept.text.split() == ["word"] * 700


def test_failure_in_a_long_text_reports_all_of_the_unspoken_text() -> None:
    stage = Stage(6)
    with pytest.raises(NetworkError):
        stage.speak([LONG], retries=0)
    assert LONG.endswith(stage.result.unspoken)
    assert stage.result.unspoken.strip().startswith("This is sentence 1 ")


def test_emoji_split_between_reads_is_sent_whole() -> None:
    stage = Stage()
    stage.speak(["Hi 👨\u200d", "👩\u200d👧 all."])
    assert stage.service.received == ["Hi 👨\u200d👩\u200d👧 all."]
    assert not any(text.endswith("\u200d") for text in stage.service.sessions[0].texts)


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
