"""How much audio has been played, computed from the blocks and the time."""

from __future__ import annotations

import pytest

from stepcli.audio.player import Playhead

RATE = 1000


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playhead(clock: Clock) -> Playhead:
    return Playhead(RATE, clock)


def test_nothing_written_is_finished(playhead: Playhead) -> None:
    assert playhead.position == 0
    assert playhead.finished
    assert playhead.started_at is None


def test_position_lags_by_what_the_device_holds(playhead: Playhead, clock: Clock) -> None:
    playhead.add_block(50, 50, delay=0.1)
    assert playhead.started_at == pytest.approx(100.1)
    assert playhead.position == 0
    clock.now += 0.12
    assert playhead.position == pytest.approx(0.02)
    clock.now += 1
    assert playhead.position == pytest.approx(0.05)


def test_position_never_goes_back_after_a_pause(playhead: Playhead, clock: Clock) -> None:
    playhead.add_block(50, 50, delay=0.1)
    clock.now += 1
    playhead.add_block(0, 50, delay=0.1)
    playhead.add_block(50, 50, delay=0.1)
    assert playhead.position == pytest.approx(0.05)


def test_finished_needs_time_and_silence(playhead: Playhead, clock: Clock) -> None:
    """A device may be late, or take much at once."""
    playhead.add_block(20, 50, delay=0.1)
    clock.now += 1
    assert not playhead.finished
    playhead.add_block(0, 100, delay=0.1)
    assert playhead.finished
    playhead.add_block(50, 50, delay=0.1)
    playhead.add_block(0, 200, delay=0.1)
    assert not playhead.finished
    clock.now += 0.15
    assert playhead.finished
