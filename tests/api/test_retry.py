"""When a request may be made again, and after how long."""

from __future__ import annotations

import pytest

from stepcli.api.retry import (
    BILLED,
    IDEMPOTENT,
    LONGEST_WAIT,
    ONCE,
    AttemptFailed,
    RateLimiter,
    delay_after,
    retry_after,
    retry_delay,
)
from stepcli.errors import QuotaError

NOON = "Mon, 23 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("33", 33.0),
        ("Mon, 23 Nov 2026 12:00:07 GMT", 7.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    """A number of seconds or an HTTP date; anything else is as if it were not there."""
    assert retry_after(header, NOON) == seconds


def test_date_is_compared_with_the_clock_of_the_service() -> None:
    """A wrong clock on this machine makes no difference."""
    assert retry_after("Mon, 23 Nov 2026 12:00:07 GMT", "Mon, 23 Nov 2026 12:00:00 GMT") == 7.0
    assert retry_after("Mon, 23 Nov 2026 12:00:07 GMT", "nonsense") is not None


def test_wait_that_the_service_names_is_kept_exactly() -> None:
    for seconds in (0.0, 2.0, 33.0, LONGEST_WAIT):
        assert retry_delay(1, seconds) == seconds


def test_longer_wait_ends_the_retries() -> None:
    assert retry_delay(1, LONGEST_WAIT + 1) is None


def test_long_wait_is_named_in_the_error() -> None:
    failed = AttemptFailed(
        failure := QuotaError("too many requests", hint="wait a little"), retry=True, after=3599
    )
    with pytest.raises(QuotaError):
        delay_after(failed, 1, 3)
    assert failure.message == "too many requests; the service asks to wait 3599 s"
    assert failure.hint == "try again in 60 min"


def test_backoff_doubles_with_jitter() -> None:
    for attempt, middle in ((1, 0.5), (2, 1.0), (3, 2.0)):
        assert 0.75 * middle <= (retry_delay(attempt, None) or 0) <= 1.25 * middle
    assert (retry_delay(40, None) or 0) <= 1.25 * 30


def test_what_may_be_repeated() -> None:
    """Reading may repeat anything, paid calls what was refused, a charge nothing that was sent."""
    assert IDEMPOTENT.unanswered
    assert not BILLED.unanswered
    assert not ONCE.unanswered
    assert BILLED.statuses == {429, 500, 502, 503, 504}
    assert ONCE.statuses == set()


def test_throttle_slows_everybody_and_recovers() -> None:
    """After a 429 all wait its pause and then keep apart; success brings them together again."""
    now = 100.0
    throttle = RateLimiter(lambda: now)
    assert [throttle.reserve() for _ in range(3)] == [0, 0, 0]
    for _ in range(4):
        throttle.throttled(2.0, alone=True)
    waits = [throttle.reserve() for _ in range(3)]
    assert waits == pytest.approx([2.0, 2.4, 2.8])
    for _ in range(30):
        throttle.succeeded()
    now = 200.0
    assert [throttle.reserve() for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "header",
    ["Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 -99999999999"],
)
def test_dates_beyond_the_calendar(header: str) -> None:
    """No date that a header may hold is a crash."""
    assert retry_after(header) in (None, 0.0)
