"""A limit on silence that does not count time during which this process was suspended."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

SLICE = 1.0
"""Seconds that a wait may last at a time, so that a gap between two looks is a suspension."""

_TOLERANCE = 1.0
"""Seconds that a loaded machine may wake a thread late."""


class TimeLimit:
    """`seconds` for one wait, made of slices; None for no limit.

    After Ctrl-Z and `fg` the kernel reports the timeout of a wait at once, although the peer was
    not silent. A slice that took far longer than it may starts the limit afresh.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Grant the whole time again."""
        self._left = self._seconds
        self._looked = self._clock()

    def next_slice(self) -> float:
        """Return for how many seconds to wait now; 0 once the limit is over."""
        now = self._clock()
        elapsed, self._looked = now - self._looked, now
        if self._left is None:
            return SLICE
        self._left = self._seconds if elapsed > SLICE + _TOLERANCE else self._left - elapsed
        assert self._left is not None
        return min(SLICE, max(0.0, self._left))
