"""The same work for many items."""

from __future__ import annotations

import threading
import time

import pytest

from stepcli.errors import QuotaError
from stepcli.tasks.concurrency import each


def test_every_item_has_an_outcome() -> None:
    """Failures stand in the place of results and stop nobody else."""

    def work(number: int) -> int:
        if number % 3 == 0:
            raise QuotaError(f"no {number}")
        return number * number

    outcomes = {one.item: one for one in each(range(20), work, 4)}
    assert len(outcomes) == 20
    for number, outcome in outcomes.items():
        assert (outcome.failure is not None) == (number % 3 == 0)
        assert outcome.result == (None if number % 3 == 0 else number * number)


def test_never_more_than_jobs() -> None:
    """At most ``jobs`` items are under way."""
    under_way, most, lock = 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.01)
        with lock:
            under_way -= 1

    assert len(list(each(range(30), work, 3))) == 30
    assert most <= 3


def test_a_fault_of_the_program_is_not_an_outcome() -> None:
    """What is no failure of ours is raised to the caller."""
    with pytest.raises(ZeroDivisionError):
        list(each([1, 0], lambda number: 1 // number, 1))
