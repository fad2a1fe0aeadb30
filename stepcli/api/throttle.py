"""One pace for all requests of a run: a "too fast" (429) to one slows every other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_SPACING = 0.4
"""Seconds between requests that avoided further 429s (protocol.md §2, seen)."""
_WIDEST = 5.0
_NEGLIGIBLE = 0.05


class Throttle:
    """Says how long to wait before the next request. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._spacing = 0.0
        self._widen_again = 0.0

    def turn(self) -> float:
        """Take the next place in the queue; seconds until it is there."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self._spacing
            return start - now

    def too_fast(self, pause: float) -> None:
        """Nobody sends for ``pause`` seconds, and wider apart from then on.

        A burst of refusals, of requests that were under way together, widens the gap once.
        """
        with self._lock:
            now = self._clock()
            if now >= self._widen_again:
                self._spacing = min(max(_SPACING, 2 * self._spacing), _WIDEST)
            self._next = self._widen_again = max(self._next, now + pause)

    def went_well(self) -> None:
        """Closer together again, little by little."""
        with self._lock:
            self._spacing *= 0.9
            if self._spacing < _NEGLIGIBLE:
                self._spacing = 0.0
