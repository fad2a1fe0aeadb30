"""How the time of a function grows with the size of its input."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time

SMALL, TIMES = 1000, 8
LINEAR = 3.0 * TIMES
"""Quadratic time would be TIMES squared."""


def growth(work: Callable[[str], object], pattern: str) -> float:
    """Return the ratio of the CPU time of `work` for TIMES as much of `pattern` repeated."""
    small, large = pattern * (SMALL // len(pattern)), pattern * (TIMES * SMALL // len(pattern))
    work(small)
    return min(_seconds(work, large) for _ in range(2)) / max(
        min(_seconds(work, small) for _ in range(3)), 0.0005
    )


def _seconds(work: Callable[[str], object], text: str) -> float:
    begun = thread_time()
    work(text)
    return thread_time() - begun
