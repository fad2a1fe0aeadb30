"""Text as it is written to sound, over sessions that come and go; nothing lost, nothing twice."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from stepcli.api.error_mapping import SessionLost
from stepcli.api.realtime import SessionFinished
from stepcli.audio.stream_decoder import Samples
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, ServiceTimeoutError, UsageError
from stepcli.tasks.streaming import stream as stream_module
from stepcli.tasks.streaming.sentence_output import Takes
from stepcli.tasks.streaming.stream import Account, Patience, narrate
from tests.support.booth import CUT, FakeSession, Service

TEXT = "One is here. Two is there! Is three anywhere? The end."


class Tape:
    """A sink that remembers. What the service in memory speaks can be read from it."""

    def __init__(self) -> None:
        self.data = b""
        self.flushes = 0

    @property
    def text(self) -> str:
        return self.data.decode("utf-16-le")

    @property
    def letters(self) -> str:
        """Without spaces: those between sentences belong to none."""
        return self.text.replace(" ", "")

    def write(self, data: bytes) -> None:
        self.data += data

    def flush(self) -> None:
        self.flushes += 1

    def close(self) -> None: ...

    def abort(self) -> None: ...


class Studio:
    """Everything around ``narrate``: a service, a file that is kept, a speaker that hears."""

    def __init__(self, *cuts: int | None) -> None:
        self.service = Service(*cuts)
        self.kept, self.heard = Tape(), Tape()
        self.takes = Takes(PCM(1000), [self.heard], [self.kept], Samples)
        self.account = Account()
        self.told: list[str] = []

    def narrate(
        self,
        texts: Iterable[str],
        *,
        retries: int = 3,
        flush_after: float = 600.0,
        timeout: float = 60.0,
        open_session: Callable[[], AbstractContextManager[FakeSession]] | None = None,
    ) -> None:
        narrate(
            texts,
            open_session or self.service.open,
            self.takes,
            Patience(timeout, retries, flush_after),
            self.account,
            self.told.append,
        )


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "pause", lambda attempt, after: 0.0)  # noqa: ARG005


def words(text: str) -> list[str]:
    """``text`` in the pieces that a language model writes."""
    return [word + " " for word in text.split(" ")]


def test_everything_is_said_once_and_kept_once() -> None:
    studio = Studio()
    studio.narrate(words(TEXT))
    assert studio.service.received == [TEXT + " "]
    assert studio.kept.text == studio.heard.text == TEXT
    assert studio.account.sentences == 4
    assert studio.account.characters == len(TEXT) + 1
    assert studio.account.reconnects == 0
    assert studio.account.first_audio_ms is not None


def test_sentences_have_the_times_of_the_sound() -> None:
    studio = Studio()
    studio.narrate([TEXT])
    told = studio.takes.sentences
    assert [sentence.text.strip() for sentence in told][::3] == ["One is here.", "The end."]
    assert told[0].start == 0
    assert [one.end for one in told[:-1]] == [one.start for one in told[1:]]
    assert told[-1].end == studio.takes.seconds == len(TEXT) / 1000


@pytest.mark.parametrize("after", range(1, 16))
def test_a_session_lost_anywhere_loses_nothing(after: int) -> None:
    """The next one begins with the sentence that did not finish; the file has each just once."""
    studio = Studio(after)
    studio.narrate(words(TEXT))
    assert studio.kept.letters == TEXT.replace(" ", "")
    assert studio.account.reconnects == 1
    finished = after // 4
    assert len(studio.service.received[1].split()) == len(TEXT.split()) - sum(
        (3, 3, 3, 2)[:finished]
    )


def test_who_listens_hears_the_broken_sentence_from_its_beginning() -> None:
    studio = Studio(6)
    studio.narrate([TEXT])
    assert studio.heard.text == "One is here. Two isTwo is there! Is three anywhere? The end."
    assert studio.kept.letters == TEXT.replace(" ", "")


def test_many_losses_with_progress_between_them_are_survived() -> None:
    """Retries count losses in a row: a long story may lose its line more often."""
    studio = Studio(5, 5, 5)
    studio.narrate([TEXT], retries=1)
    assert studio.kept.letters == TEXT.replace(" ", "")
    assert studio.account.reconnects == 3


def test_losses_without_progress_come_to_an_end() -> None:
    studio = Studio(2, 2, 2, 2, 2)
    with pytest.raises(NetworkError) as caught:
        studio.narrate([TEXT], retries=2)
    assert caught.value is CUT
    assert len(studio.service.sessions) == 3
    assert [note.rpartition("(")[2] for note in studio.told] == ["1 of 2)", "2 of 2)"]
    assert studio.kept.data == b""


def test_a_service_that_cannot_be_reached_is_tried_as_often_as_allowed() -> None:
    attempts: list[int] = []

    def refuse() -> AbstractContextManager[FakeSession]:
        attempts.append(1)
        raise SessionLost(CUT)

    with pytest.raises(NetworkError):
        Studio().narrate(endless(), retries=2, open_session=refuse)
    assert len(attempts) == 3


def endless() -> Iterator[str]:
    """A writer who has not begun."""
    threading.Event().wait()
    yield ""


class Writer:
    """Somebody whose pauses a test decides."""

    def __init__(self) -> None:
        self._texts: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[str]:
        while (text := self._texts.get()) is not None:
            yield text

    def write(self, text: str) -> None:
        self._texts.put(text)

    def leave(self) -> None:
        self._texts.put(None)


def test_a_pause_flushes_what_has_gathered_once() -> None:
    """Half a sentence is heard when its writer stops to think; blank pauses ask for nothing."""
    studio, writer = Studio(), Writer()
    listening = Listening(studio, writer, flush_after=0.01)
    writer.write("Half a sen")
    listening.wait_for("Half a sen")
    writer.write("tence. ")
    writer.leave()
    listening.join()
    assert studio.heard.text == "Half a sentence."
    assert 1 <= studio.service.sessions[0].flushes <= 2


def test_an_idle_session_is_replaced_when_text_comes_and_repeats_nothing() -> None:
    studio, writer = Studio(), Writer()
    listening = Listening(studio, writer, flush_after=0.01)
    writer.write("One is here. ")
    listening.wait_for("One is here.")
    studio.service.sessions[0].hang_up()
    listening.wait_until(lambda: studio.service.sessions[0].closed)
    assert len(studio.service.sessions) == 1
    writer.write("Two is there.")
    writer.leave()
    listening.join()
    assert studio.service.received == ["One is here. ", "Two is there."]
    assert studio.account.reconnects == 1
    assert studio.told == []


def test_a_service_that_finishes_an_idle_session_politely_is_no_different() -> None:
    studio, writer = Studio(), Writer()
    listening = Listening(studio, writer)
    writer.write("One is here.")
    listening.wait_for("One is here.")
    studio.service.sessions[0].done()
    listening.wait_until(lambda: studio.service.sessions[0].closed)
    writer.write(" Two.")
    writer.leave()
    listening.join()
    assert studio.kept.text == "One is here. Two."


def test_the_player_is_told_of_pauses() -> None:
    studio, writer = Studio(), Writer()
    listening = Listening(studio, writer)
    writer.write("One is here.")
    listening.wait_for("One is here.")
    listening.wait_until(lambda: studio.heard.flushes > 0)
    writer.leave()
    listening.join()


class Listening:
    """``narrate`` in a thread of its own, while the test writes."""

    def __init__(self, studio: Studio, writer: Writer, *, flush_after: float = 600.0) -> None:
        self._studio = studio
        self._flush_after = flush_after
        self._thread = threading.Thread(target=self._run, args=(writer,), daemon=True)
        self._thread.start()

    def _run(self, writer: Writer) -> None:
        self._studio.narrate(writer, flush_after=self._flush_after)

    def wait_for(self, text: str) -> None:
        self.wait_until(lambda: self._studio.heard.text.endswith(text))

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
def test_blank_text_is_a_mistake_that_sends_nothing(texts: list[str]) -> None:
    studio = Studio()
    with pytest.raises(UsageError, match="blank"):
        studio.narrate(texts)
    assert "".join(studio.service.received) == ""


def test_blank_beginnings_wait_for_words() -> None:
    studio = Studio()
    studio.narrate(["\n", " ", "Hi", " "])
    assert studio.service.received == ["\n Hi "]


def test_text_before_unreadable_bytes_is_spoken_and_then_the_mistake_told() -> None:
    def broken() -> Iterator[str]:
        yield "Fine so far. "
        raise UsageError("stdin is not UTF-8")

    studio = Studio()
    with pytest.raises(UsageError, match="not UTF-8"):
        studio.narrate(broken())
    assert studio.kept.text == "Fine so far."


def test_a_fault_in_the_writer_is_not_swallowed() -> None:
    def broken() -> Iterator[str]:
        yield "Fine so far. "
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Studio().narrate(broken())


def test_silence_while_something_is_owed_is_a_timeout() -> None:
    class Mute(FakeSession):
        def _speak(self, sentence: str) -> None: ...

        def done(self) -> None: ...

    with pytest.raises(ServiceTimeoutError) as caught:
        Studio().narrate(["Hello."], timeout=0.05, open_session=lambda: nullcontext(Mute(None)))
    assert caught.value.trace_id == "session-1"


def test_a_writer_who_thinks_is_not_a_timeout() -> None:
    """Nobody owes anything: the silence allowed between bytes does not run."""
    studio, writer = Studio(), Writer()
    thread = threading.Thread(target=lambda: studio.narrate(writer, timeout=1.0), daemon=True)
    thread.start()
    threading.Event().wait(1.5)
    writer.write("At last.")
    writer.leave()
    thread.join(20)
    assert studio.kept.text == "At last."


def test_no_thread_is_left_over() -> None:
    Studio().narrate([TEXT])
    names = {thread.name for thread in threading.enumerate()}
    assert "typist" not in names


def test_long_text_goes_in_deltas_that_the_service_takes() -> None:
    studio = Studio()
    studio.narrate(["word " * 1000 + "end."])
    assert max(map(len, studio.service.sessions[0].texts)) <= 1000
    assert studio.service.received == ["word " * 1000 + "end."]


def test_an_emoji_in_two_reads_is_sent_whole() -> None:
    studio = Studio()
    studio.narrate(["Hi 👨\u200d", "👩\u200d👧 all."])
    assert studio.service.received == ["Hi 👨\u200d👩\u200d👧 all."]
    assert not any(text.endswith("\u200d") for text in studio.service.sessions[0].texts)


class Hasty(FakeSession):
    """Says that it has finished when it has spoken nothing."""

    def done(self) -> None:
        self._events.put(SessionFinished(b""))

    def say(self, text: str) -> None:
        self.texts.append(text)


def test_finished_without_a_word_is_no_success() -> None:
    """What was not spoken is asked for again, and at last told."""
    studio = Studio()
    sessions = [Hasty(None), Hasty(None)]
    with pytest.raises(NetworkError, match="without having spoken"):
        studio.narrate([TEXT], retries=1, open_session=lambda: nullcontext(sessions.pop()))
    assert sessions == []
