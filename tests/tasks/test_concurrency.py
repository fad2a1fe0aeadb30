"""Work in several threads, told to one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from stepcli.tasks.concurrency import Crew, Tell, Work


def test_all_is_told() -> None:
    """Every work's events arrive, each work's own in their order."""

    def prepare(_: Tell[tuple[int, int]]) -> Iterator[Work[tuple[int, int]]]:
        for number in range(40):
            yield lambda tell, n=number: [tell((n, i)) for i in range(5)]  # type: ignore[misc]

    events = list(Crew(prepare, 4))
    assert sorted(events) == [(n, i) for n in range(40) for i in range(5)]
    for number in range(40):
        assert [i for n, i in events if n == number] == list(range(5))


def test_at_most_so_many_jobs() -> None:
    """Four run together where there is work for four, and one more is prepared meanwhile."""
    together = threading.Barrier(4)
    prepared: list[int] = []
    running = threading.Semaphore(4)

    def prepare(_: Tell[bool]) -> Iterator[Work[bool]]:
        for number in range(12):
            prepared.append(number)
            yield work

    def work(tell: Tell[bool]) -> None:
        free = running.acquire(blocking=False)
        together.wait(10)
        tell(free)
        running.release()

    assert list(Crew(prepare, 4)) == [True] * 12
    assert prepared == list(range(12))


def test_prepared_ahead() -> None:
    """With a single job the next work is already prepared while the first is under way."""
    second_is_ready = threading.Event()

    def prepare(_: Tell[str]) -> Iterator[Work[str]]:
        yield lambda tell: tell("in time" if second_is_ready.wait(10) else "too late")
        second_is_ready.set()
        yield lambda tell: tell("second")

    assert list(Crew(prepare, 1)) == ["in time", "second"]


def test_fault_is_raised() -> None:
    """A fault in a work or in preparing reaches the one who listens."""

    def broken_work(_: Tell[int]) -> Iterator[Work[int]]:
        yield lambda tell: tell(1 // 0)

    def broken_preparation(_: Tell[int]) -> Iterator[Work[int]]:
        raise ZeroDivisionError
        yield

    for prepare in (broken_work, broken_preparation):
        with pytest.raises(ZeroDivisionError):
            list(Crew(prepare, 2))


def test_closing_stops() -> None:
    """When nobody listens any more, no further work begins and the one under way ends."""
    begun: list[int] = []
    ended = threading.Event()

    def prepare(_: Tell[int]) -> Iterator[Work[int]]:
        for number in range(1000):
            yield lambda tell, n=number: work(n, tell)  # type: ignore[misc]

    def work(number: int, tell: Tell[int]) -> None:
        begun.append(number)
        try:
            while True:
                tell(number)
        finally:
            ended.set()

    events = iter(Crew(prepare, 1))
    assert next(events) == 0
    events.close()  # type: ignore[attr-defined]
    assert ended.wait(10)
    assert begun == [0]
