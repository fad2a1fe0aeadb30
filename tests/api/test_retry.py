"""When a request may be made again, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stepcli.api.retry import (
    BILLED,
    IDEMPOTENT,
    LONGEST_PAUSE,
    ONCE,
    RateLimiter,
    pause,
    retry_after,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("soon", None),
        ("Mon, 23 Nov 2026 12:00:07 GMT", 7.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    """A number of seconds or an HTTP date; anything else is as if it were not there."""
    assert retry_after(header, NOON) == seconds


def test_pause_honours_the_service_within_reason() -> None:
    """What is asked for is waited, but never longer than the cap; nan is no wish."""
    assert pause(1, 2.0) == 2.0
    assert pause(1, 3600.0) == LONGEST_PAUSE
    assert 0 < pause(1, float("nan")) < 1


def test_pause_doubles() -> None:
    """Without a wish pauses double, within a quarter of jitter, up to the cap."""
    for attempt, middle in ((1, 0.5), (2, 1.0), (3, 2.0)):
        assert 0.75 * middle <= pause(attempt, None) <= 1.25 * middle
    assert pause(40, None) <= 1.25 * LONGEST_PAUSE


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
    assert [throttle.turn() for _ in range(3)] == [0, 0, 0]
    for _ in range(4):
        throttle.too_fast(2.0)
    waits = [throttle.turn() for _ in range(3)]
    assert waits == pytest.approx([2.0, 2.4, 2.8])
    for _ in range(30):
        throttle.went_well()
    now = 200.0
    assert [throttle.turn() for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "header",
    ["Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 -99999999999"],
)
def test_dates_beyond_the_calendar(header: str) -> None:
    """No date that a header may hold is a crash."""
    assert retry_after(header) in (None, 0.0)
