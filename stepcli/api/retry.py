"""When a request may be made again, and after how long. Pure; the client does the waiting."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 30.0
_FIRST_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The failures after which a request may be repeated.

    ``statuses`` are HTTP statuses; ``unanswered`` allows repeating a request that may have arrived
    but got no response. A request that was certainly not sent is always repeated.
    """

    statuses: frozenset[int]
    unanswered: bool = False


TRANSIENT = frozenset({429, 500, 502, 503, 504})

IDEMPOTENT = RetryPolicy(TRANSIENT, unanswered=True)
BILLED = RetryPolicy(TRANSIENT)
UPLOAD = RetryPolicy(frozenset({429, 503}))
ONCE = RetryPolicy(frozenset())


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a ``Retry-After`` header asks for: a number or an HTTP date; None if neither."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(header)
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, OverflowError):
        return None


def pause(attempt: int, asked: float | None) -> float:
    """Seconds to wait before attempt number ``attempt`` + 1 (the first attempt is 1).

    What the service asked for is honoured up to LONGEST_PAUSE; else doubling, with jitter.
    """
    if asked is not None and asked == asked:
        return min(asked, LONGEST_PAUSE)
    return min(_FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE) * random.uniform(0.75, 1.25)


_SPACING = 0.4
"""Seconds between requests that avoided further 429s (PROTOCOL.md, section 2)."""
_WIDEST = 5.0
_NEGLIGIBLE = 0.05


class RateLimiter:
    """Limits the rate of requests. Thread-safe."""

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
        """Send nothing for ``pause`` seconds, and increase the interval between requests.

        A burst of refusals of parallel requests increases the interval once.
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
