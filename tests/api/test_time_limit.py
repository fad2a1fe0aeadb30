"""A limit on silence does not count the time that the process was suspended."""

from __future__ import annotations

import pytest

from stepcli.api.time_limit import SLICE, TimeLimit


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_limit_ends_after_its_time_in_slices() -> None:
    clock = Clock()
    limit, waited = TimeLimit(3.5, clock), 0.0
    while seconds := limit.next_slice():
        assert seconds <= SLICE
        clock.now += seconds
        waited += seconds
    assert waited == pytest.approx(3.5)


def test_suspension_starts_the_limit_afresh() -> None:
    """The time between Ctrl-Z and fg does not count as silence of the service."""
    clock = Clock()
    limit = TimeLimit(3.0, clock)
    clock.now += limit.next_slice()
    clock.now += limit.next_slice()
    clock.now += 600
    waited = 0.0
    while seconds := limit.next_slice():
        clock.now += seconds
        waited += seconds
    assert waited == pytest.approx(3.0)


def test_restart_grants_the_whole_time() -> None:
    clock = Clock()
    limit = TimeLimit(1.0, clock)
    clock.now += 0.9
    limit.restart()
    clock.now += 0.9
    assert limit.next_slice() == pytest.approx(0.1)


def test_no_limit_never_ends() -> None:
    clock = Clock()
    limit = TimeLimit(None, clock)
    for _ in range(1000):
        assert limit.next_slice() == SLICE
        clock.now += SLICE
