"""The thread that types: in order, into whichever session is open, until there is no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from stepcli.api.error_mapping import SessionLost
from stepcli.errors import NetworkError
from stepcli.tasks.streaming.text_sender import Typist
from stepcli.tasks.streaming.unconfirmed_text import Unspoken

NEVER = 600.0


class Paper:
    """A session that notes what is typed; ``torn``, it takes no more."""

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.torn = False
        self._news = threading.Condition()

    def say(self, text: str) -> None:
        self._note(text)

    def flush(self) -> None:
        self._note("[flush]")

    def done(self) -> None:
        self._note("[done]")

    def wait_for(self, *typed: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.typed == list(typed), 20), self.typed

    def _note(self, what: str) -> None:
        if self.torn:
            raise SessionLost(NetworkError("torn"))
        with self._news:
            self.typed.append(what)
            self._news.notify_all()


@pytest.fixture
def unspoken() -> Unspoken:
    return Unspoken()


@pytest.fixture
def typist(unspoken: Unspoken) -> Iterator[Typist]:
    typist = Typist(unspoken, NEVER)
    typist.start()
    yield typist
    typist.stop()


def test_what_is_written_is_typed_at_once_and_in_order(typist: Typist) -> None:
    paper = Paper()
    typist.take(paper)
    for word in ("One ", "two ", "three."):
        typist.write(word)
    typist.end()
    paper.wait_for("One ", "two ", "three.", "[done]")
    assert typist.ended


def test_a_new_session_begins_with_what_is_unspoken(typist: Typist, unspoken: Unspoken) -> None:
    """Not with what was spoken; what the old one was asked to speak is asked for again."""
    first, second = Paper(), Paper()
    typist.take(first)
    typist.write("One. Two")
    first.wait_for("One. Two")
    unspoken.finish("One.")
    unspoken.ask()
    first.torn = True
    typist.write(" three")
    assert typist.wants_line()
    typist.take(second)
    second.wait_for("Two", "[flush]", " three")


def test_after_the_end_a_new_session_is_done_as_well(typist: Typist) -> None:
    first, second = Paper(), Paper()
    typist.take(first)
    typist.write("One.")
    typist.end()
    first.wait_for("One.", "[done]")
    typist.lost()
    assert typist.wants_line()
    typist.take(second)
    second.wait_for("One.", "[done]")


def test_nothing_left_to_say_wants_no_session(typist: Typist, unspoken: Unspoken) -> None:
    paper = Paper()
    typist.take(paper)
    typist.write("One.")
    paper.wait_for("One.")
    unspoken.finish("One.")
    paper.torn = True
    typist.end()
    typist_over(typist)
    assert not typist.wants_line()


def test_a_session_that_comes_when_all_is_over_changes_nothing(typist: Typist) -> None:
    """Blank text ends while a session is being opened: nobody waits for another."""
    paper = Paper()
    typist.end()
    typist_over(typist)
    typist.take(paper)
    typist.write("late")
    paper.wait_for("late")
    asked = threading.Thread(target=typist.wants_line, daemon=True)
    asked.start()
    asked.join(5)
    assert not asked.is_alive()


def typist_over(typist: Typist) -> None:
    for _ in range(2000):
        if typist.over:
            return
        threading.Event().wait(0.005)
    raise AssertionError("it is never over")


def test_one_pause_is_one_flush() -> None:
    """However long it is; white space after it is no reason for another."""
    paper, impatient = Paper(), Typist(Unspoken(), 0.01)
    impatient.take(paper)
    impatient.start()
    impatient.write("Half a sen")
    paper.wait_for("Half a sen", "[flush]")
    impatient.write("\n")
    paper.wait_for("Half a sen", "[flush]", "\n")
    threading.Event().wait(0.05)
    impatient.end()
    paper.wait_for("Half a sen", "[flush]", "\n", "[done]")
    impatient.stop()


def test_a_fault_in_the_typist_ends_the_wait(typist: Typist) -> None:
    class Broken(Paper):
        def say(self, text: str) -> None:
            raise ZeroDivisionError(text)

    typist.take(Broken())
    typist.write("x")
    typist_over(typist)
    assert isinstance(typist.failure, ZeroDivisionError)
