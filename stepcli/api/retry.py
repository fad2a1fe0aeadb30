"""Which requests may be sent again, and when. The client does the waiting."""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from stepcli.errors import StepcliError

LONGEST_WAIT = 120.0
"""Seconds: a service that asks for a longer wait is not waited for."""

_LONGEST_BACKOFF = 30.0
_FIRST_BACKOFF = 0.5
_JITTER = 0.25


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Which failures of a request may be followed by another attempt.

    `statuses` are those of HTTP responses. `unanswered` allows to repeat a request that may have
    arrived, though no response did. A request that was not sent is always repeated.
    """

    statuses: frozenset[int]
    unanswered: bool = False


TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""Statuses that may be different next time (PROTOCOL.md, section 2)."""

IDEMPOTENT = RetryPolicy(TRANSIENT, unanswered=True)
BILLED = RetryPolicy(TRANSIENT)
UPLOAD = RetryPolicy(frozenset({429, 503}))
ONCE = RetryPolicy(frozenset())


class AttemptFailed(Exception):
    """One attempt at a request failed.

    `failure` is the error to raise if no other attempt is made, `retry` is whether one may be, and
    `after` is how many seconds the service asks to wait.
    """

    def __init__(self, failure: StepcliError, *, retry: bool, after: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.retry = retry
        self.after = after


def retry_after(header: str | None, date: str | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks to wait, None if it says nothing usable.

    It is a number of seconds or an HTTP date. A date is compared with the `Date` header of the same
    response, so that a wrong clock on this machine does not matter.
    """
    if not header:
        return None
    if re.fullmatch(r"\s*[-+]?[0-9]+(\.[0-9]*)?\s*", header):
        return max(0.0, float(header))
    until = http_date(header)
    if until is None:
        return None
    return max(0.0, (until - (http_date(date) or datetime.now(UTC))).total_seconds())


def http_date(header: str | None) -> datetime | None:
    """Return the time in a header such as `Date`, None if it has none."""
    try:
        moment = parsedate_to_datetime(header or "")
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def retry_delay(attempt: int, asked: float | None) -> float | None:
    """Return the seconds to wait after attempt number `attempt`, counted from 1.

    That is what the service `asked` for, otherwise an exponential backoff with jitter. Return None
    if the service asks for more than LONGEST_WAIT.
    """
    if asked is not None:
        return asked if asked <= LONGEST_WAIT else None
    backoff = min(_FIRST_BACKOFF * 2.0 ** (attempt - 1), _LONGEST_BACKOFF)
    return backoff * random.uniform(1 - _JITTER, 1 + _JITTER)


def delay_after(failed: AttemptFailed, attempt: int, retries: int) -> float:
    """Return the seconds to wait after attempt number `attempt`, counted from 1, has failed.

    Raise its failure if no other attempt may be made, all `retries` were made, or the service asks
    for a wait of more than LONGEST_WAIT.
    """
    failure = failed.failure
    if failed.retry and attempt <= retries:
        seconds = retry_delay(attempt, failed.after)
        if seconds is not None:
            return seconds
        asked = failed.after or 0.0
        failure.add_detail(f"the service asks to wait {asked:.0f} s")
        failure.hint = f"try again in {math.ceil(asked / 60)} min"
    raise failure from failed.__cause__


class RequestLimit:
    """Limits how many requests are under way, by what becomes of them. This one limits none."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End the waits of refused requests: their results are no longer needed."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Wait before a request is sent; return False if it must not be sent any more."""
        return not (seconds and self._cancelled.wait(seconds))

    def succeeded(self) -> None:
        """Note that a request was answered completely."""

    def refused(self, pause: float) -> bool:  # noqa: ARG002 - for those that limit
        """Note a 429 to this thread's request, which waits; the service asks for a `pause`.

        Return whether no other request was under way.
        """
        return True

    def resume(self) -> None:
        """Wait until this thread may send its refused request again."""


_SPACING = 0.4
"""Seconds between requests with which no further 429 was seen."""
_WIDEST = 5.0
_NEGLIGIBLE = 0.05


class RateLimiter:
    """Pauses and spaces the requests of all threads after a 429. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._spacing = 0.0
        self._widen_again = 0.0

    def reserve(self) -> float:
        """Reserve the next place in the queue; return the seconds until it is reached."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self._spacing
            return start - now

    def throttled(self, pause: float, *, alone: bool) -> None:
        """Send nothing for `pause` seconds, and space requests that were refused though `alone`.

        The service limits those over time, not at a time. Several 429s to requests that were sent
        together widen the spacing once.
        """
        with self._lock:
            now = self._clock()
            if alone and now >= self._widen_again:
                self._spacing = min(max(_SPACING, 2 * self._spacing), _WIDEST)
            self._next = self._widen_again = max(self._next, now + pause)

    def succeeded(self) -> None:
        """Reduce the spacing gradually."""
        with self._lock:
            self._spacing *= 0.9
            if self._spacing < _NEGLIGIBLE:
                self._spacing = 0.0
