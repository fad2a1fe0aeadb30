"""The sending thread: all text in order, to whichever session is open."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from stepcli.api.service_errors import SessionLost
from stepcli.errors import NetworkError
from stepcli.tasks.streaming.text_sender import TextSender
from stepcli.tasks.streaming.unconfirmed_text import UnconfirmedText

NEVER = 600.0


class RecordingChannel:
    """A channel that records what is sent; once `lost`, every call raises SessionLost."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.lost = False
        self._news = threading.Condition()

    def say(self, text: str) -> None:
        self._note(text)

    def flush(self) -> None:
        self._note("[flush]")

    def done(self) -> None:
        self._note("[done]")

    def wait_for(self, *sent: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.sent == list(sent), 20), self.sent

    def _note(self, what: str) -> None:
        if self.lost:
            raise SessionLost(NetworkError("lost"))
        with self._news:
            self.sent.append(what)
            self._news.notify_all()


@pytest.fixture
def unconfirmed() -> UnconfirmedText:
    return UnconfirmedText()


@pytest.fixture
def sender(unconfirmed: UnconfirmedText) -> Iterator[TextSender]:
    sender = TextSender(unconfirmed, NEVER)
    sender.start()
    yield sender
    sender.stop()


def test_text_is_sent_at_once_and_in_order(sender: TextSender) -> None:
    channel = RecordingChannel()
    sender.attach(channel)
    for word in ("One ", "two ", "three."):
        sender.write(word)
    sender.end()
    channel.wait_for("One ", "two ", "three.", "[done]")
    assert sender.ended


def test_new_session_begins_with_unconfirmed_text(
    sender: TextSender, unconfirmed: UnconfirmedText
) -> None:
    """Flushed text is flushed again; confirmed text is not repeated."""
    first, second = RecordingChannel(), RecordingChannel()
    sender.attach(first)
    sender.write("One. Two")
    first.wait_for("One. Two")
    unconfirmed.confirm("One.", 1.0)
    unconfirmed.request()
    first.lost = True
    sender.write(" three")
    assert sender.wait_for_need()
    sender.attach(second)
    second.wait_for("Two", "[flush]", " three")


def test_new_session_after_the_end_is_done_as_well(sender: TextSender) -> None:
    first, second = RecordingChannel(), RecordingChannel()
    sender.attach(first)
    sender.write("One.")
    sender.end()
    first.wait_for("One.", "[done]")
    sender.session_lost()
    assert sender.wait_for_need()
    sender.attach(second)
    second.wait_for("One.", "[done]")


def test_confirmed_text_needs_no_session(sender: TextSender, unconfirmed: UnconfirmedText) -> None:
    channel = RecordingChannel()
    sender.attach(channel)
    sender.write("One.")
    channel.wait_for("One.")
    unconfirmed.confirm("One.", 1.0)
    channel.lost = True
    sender.end()
    wait_until_finished(sender)
    assert not sender.wait_for_need()


def test_session_after_the_end_changes_nothing(sender: TextSender) -> None:
    """Blank text that ends while a session is being opened needs no other session."""
    channel = RecordingChannel()
    sender.end()
    wait_until_finished(sender)
    sender.attach(channel)
    sender.write("late")
    channel.wait_for("late")
    asked = threading.Thread(target=sender.wait_for_need, daemon=True)
    asked.start()
    asked.join(5)
    assert not asked.is_alive()


def wait_until_finished(sender: TextSender) -> None:
    for _ in range(2000):
        if sender.finished:
            return
        threading.Event().wait(0.005)
    raise AssertionError("it is never over")


def test_pause_flushes_once() -> None:
    """For any length; trailing white space does not need another session."""
    channel, impatient = RecordingChannel(), TextSender(UnconfirmedText(), 0.01)
    impatient.attach(channel)
    impatient.start()
    impatient.write("Half a sen")
    channel.wait_for("Half a sen", "[flush]")
    impatient.write("\n")
    channel.wait_for("Half a sen", "[flush]", "\n")
    threading.Event().wait(0.05)
    impatient.end()
    channel.wait_for("Half a sen", "[flush]", "\n", "[done]")
    impatient.stop()


def test_internal_error_ends_the_wait(sender: TextSender) -> None:
    class Broken(RecordingChannel):
        def say(self, text: str) -> None:
            raise ZeroDivisionError(text)

    sender.attach(Broken())
    sender.write("x")
    wait_until_finished(sender)
    assert isinstance(sender.failure, ZeroDivisionError)
