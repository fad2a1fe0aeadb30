"""Text that is still being written: pauses, blank and invalid input, and timeouts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from stepcli.errors import ServiceTimeoutError, UsageError
from tests.support.fake_realtime import FakeSession
from tests.support.streaming import TEXT, Stage


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


def test_emoji_split_between_reads_is_sent_whole() -> None:
    stage = Stage()
    stage.speak(["Hi 👨\u200d", "👩\u200d👧 all."])
    assert stage.service.received == ["Hi 👨\u200d👩\u200d👧 all."]
    assert not any(text.endswith("\u200d") for text in stage.service.sessions[0].texts)
