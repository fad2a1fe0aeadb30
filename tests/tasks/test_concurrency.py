"""Calls in worker threads: bounds, order, failures, and what closing cancels."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from stepcli.errors import QuotaError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.concurrency import (
    Emit,
    EventStream,
    Work,
    WorkerPool,
    as_completed,
)

LONG = 20


class Counter:
    """Counts how many threads are in a block at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._turn = threading.Lock()

    def __enter__(self) -> None:
        with self._turn:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self.now -= 1


def test_pool_runs_all_of_its_jobs_at_once_and_no_more() -> None:
    together, counter, pool = threading.Barrier(4), Counter(), WorkerPool(AdaptiveLimit(4))

    def work() -> None:
        with counter:
            together.wait(LONG)

    for future in [pool.submit(work) for _ in range(12)]:
        future.result(LONG)
    assert counter.most == 4


def test_closed_pool_completes_what_has_begun_and_cancels_the_rest() -> None:
    begun, release, pool = threading.Event(), threading.Event(), WorkerPool(AdaptiveLimit(1))

    def work() -> int:
        begun.set()
        assert release.wait(LONG)
        return 1

    first, second = pool.submit(work), pool.submit(work)
    assert begun.wait(LONG)
    pool.close()
    release.set()
    pool.join()
    assert first.result(0) == 1
    assert second.cancelled()


def test_every_item_has_an_outcome() -> None:
    """A failure stands in the place of a result and stops no other item."""

    def work(number: int) -> int:
        if number % 3 == 0:
            raise QuotaError(f"no {number}")
        return number * number

    outcomes = {one.item: one for one in as_completed(range(20), work, AdaptiveLimit(4))}
    assert len(outcomes) == 20
    for number, outcome in outcomes.items():
        assert (outcome.failure is not None) == (number % 3 == 0)
        assert outcome.result == (None if number % 3 == 0 else number * number)


def test_outcomes_come_as_they_are_completed() -> None:
    release = threading.Event()

    def work(number: int) -> int:
        return number if number else release.wait(LONG)

    outcomes = as_completed([0, 1], work, AdaptiveLimit(2))
    assert next(outcomes).item == 1
    release.set()
    assert next(outcomes).item == 0


def test_no_items_have_no_outcomes() -> None:
    assert list(as_completed([], lambda _: None, AdaptiveLimit(4))) == []


def test_internal_error_is_raised_instead_of_an_outcome() -> None:
    with pytest.raises(ZeroDivisionError):
        list(as_completed([1, 0], lambda number: 1 // number, AdaptiveLimit(1)))


def test_stream_has_all_events_and_those_of_one_call_in_order() -> None:
    def prepare(_: Emit[tuple[int, int]]) -> Iterator[Work[tuple[int, int]]]:
        for number in range(40):
            yield lambda emit, n=number: [emit((n, i)) for i in range(5)]  # type: ignore[misc]

    events = list(EventStream(prepare, AdaptiveLimit(4)))
    assert sorted(events) == [(n, i) for n in range(40) for i in range(5)]
    for number in range(40):
        assert [i for n, i in events if n == number] == list(range(5))


def test_stream_runs_all_of_its_jobs_at_once_and_no_more() -> None:
    together, counter = threading.Barrier(4), Counter()

    def prepare(_: Emit[bool]) -> Iterator[Work[bool]]:
        return (work for _ in range(12))

    def work(emit: Emit[bool]) -> None:
        with counter:
            together.wait(LONG)
            emit(True)

    assert list(EventStream(prepare, AdaptiveLimit(4))) == [True] * 12
    assert counter.most == 4


def test_next_call_is_prepared_while_all_jobs_are_under_way() -> None:
    second_is_ready = threading.Event()

    def prepare(_: Emit[str]) -> Iterator[Work[str]]:
        yield lambda emit: emit("in time" if second_is_ready.wait(LONG) else "too late")
        second_is_ready.set()
        yield lambda emit: emit("second")

    assert list(EventStream(prepare, AdaptiveLimit(1))) == ["in time", "second"]


def test_error_in_a_call_or_its_preparation_is_raised() -> None:
    def broken_work(_: Emit[int]) -> Iterator[Work[int]]:
        yield lambda emit: emit(1 // 0)

    def broken_preparation(_: Emit[int]) -> Iterator[Work[int]]:
        raise ZeroDivisionError
        yield

    for prepare in (broken_work, broken_preparation):
        with pytest.raises(ZeroDivisionError):
            list(EventStream(prepare, AdaptiveLimit(2)))


def test_closed_stream_ends_the_call_under_way_and_begins_no_other() -> None:
    begun: list[int] = []
    ended = threading.Event()

    def prepare(_: Emit[int]) -> Iterator[Work[int]]:
        for number in range(1000):
            yield lambda emit, n=number: work(n, emit)  # type: ignore[misc]

    def work(number: int, emit: Emit[int]) -> None:
        begun.append(number)
        try:
            while True:
                emit(number)
        finally:
            ended.set()

    events = iter(EventStream(prepare, AdaptiveLimit(1)))
    assert next(events) == 0
    events.close()  # type: ignore[attr-defined]
    assert ended.wait(LONG)
    assert begun == [0]
