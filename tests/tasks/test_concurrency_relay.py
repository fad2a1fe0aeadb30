"""Work that comes bit by bit and is handed on in order."""

from __future__ import annotations

import threading

import pytest

from stepcli.errors import NetworkError
from stepcli.tasks.concurrency import Relay


def test_in_the_order_it_came() -> None:
    """A later one that is over first waits for the one before."""
    first_may_end, second_done = threading.Event(), threading.Event()

    def work(item: int) -> int:
        if item == 1:
            assert first_may_end.wait(20)
        else:
            second_done.set()
        return 10 * item

    relay = Relay(work, jobs=2)
    relay.send(1)
    relay.send(2)
    assert second_done.wait(20)
    assert list(relay.arrived()) == []
    assert len(relay) == 2
    first_may_end.set()
    assert [(turn.item, turn.result) for turn in relay.rest()] == [(1, 10), (2, 20)]
    assert len(relay) == 0


def test_a_failure_stands_in_its_place() -> None:
    """The others are not touched by it; a fault of the program is raised."""

    def work(item: str) -> str:
        if item == "bad":
            raise NetworkError("gone")
        if item == "worse":
            raise ZeroDivisionError
        return item

    relay = Relay(work, jobs=1)
    for item in ("good", "bad", "fine"):
        relay.send(item)
    turns = list(relay.rest())
    assert [turn.result for turn in turns] == ["good", None, "fine"]
    assert str(turns[1].failure) == "gone"
    relay.send("worse")
    with pytest.raises(ZeroDivisionError):
        list(relay.rest())
