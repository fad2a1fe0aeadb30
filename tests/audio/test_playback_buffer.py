"""When the device is given sound, and when silence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.audio.playback_buffer import (
    FADE_SECONDS,
    HOLD_SECONDS,
    PREFILL_SECONDS,
    REFILL_SECONDS,
    JitterBuffer,
)
from stepcli.audio_types import PCM

RATE = 1000
BLOCK = 10
"""Frames that the device asks for at once."""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _sound(frames: int, level: int = 1000) -> memoryview:
    return memoryview(np.full(frames, level, np.int16).tobytes())


def _asked(buffer: JitterBuffer, frames: int = BLOCK) -> tuple[list[int], list[int]]:
    """The device asks for so many frames: which are sound, and what fills the rest."""
    block = bytearray(b"\x55" * 2 * frames)
    sound = buffer.fill(memoryview(block)) // 2
    samples = np.frombuffer(block, np.int16).tolist()
    return samples[:sound], samples[sound:]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buffer(clock: Clock) -> JitterBuffer:
    return JitterBuffer(PCM(RATE), 2.0, clock)


def test_silent_without_sound(buffer: JitterBuffer) -> None:
    assert _asked(buffer) == ([], [0] * BLOCK)


def test_begins_at_once_with_enough(buffer: JitterBuffer) -> None:
    """A prefill's worth is given to the first block that asks, as it is."""
    buffer.write(_sound(round(PREFILL_SECONDS * RATE)))
    assert _asked(buffer) == ([1000] * BLOCK, [])


def test_waits_a_little_for_more(buffer: JitterBuffer, clock: Clock) -> None:
    """Less than that waits for more, but not for long, however often the device asks."""
    buffer.write(_sound(BLOCK))
    for _ in range(20):
        assert _asked(buffer) == ([], [0] * BLOCK)
    clock.now += HOLD_SECONDS / 2
    buffer.write(_sound(BLOCK))
    assert _asked(buffer) == ([], [0] * BLOCK)
    clock.now += HOLD_SECONDS / 2
    assert _asked(buffer) == ([1000] * BLOCK, [])


def test_end_of_a_short_sound(buffer: JitterBuffer) -> None:
    """What is known to be all is not held back, and ends without a fade."""
    buffer.write(_sound(3))
    buffer.end()
    assert _asked(buffer) == ([1000] * 3, [0] * (BLOCK - 3))
    assert buffer.empty
    buffer.write(_sound(3))
    assert _asked(buffer) == ([], [0] * BLOCK)


def test_dry_is_an_underrun_only_if_more_comes(buffer: JitterBuffer) -> None:
    """An end that is announced late is not an underrun."""
    buffer.write(_sound(round(PREFILL_SECONDS * RATE)))
    while _asked(buffer)[0]:
        pass
    assert buffer.underruns == 0
    buffer.end()
    buffer.write(_sound(25))
    assert buffer.underruns == 0


def test_underrun(buffer: JitterBuffer) -> None:
    """Sound that breaks off sinks to silence, waits for the refill and rises where it left off."""
    buffer.write(_sound(round(PREFILL_SECONDS * RATE)))
    while len(_asked(buffer)[0]) == BLOCK:
        pass
    buffer.write(_sound(round(REFILL_SECONDS * RATE) - 1))
    assert buffer.underruns == 1
    assert _asked(buffer) == ([], [0] * BLOCK)
    buffer.write(_sound(1))
    assert _asked(buffer)[0] == [0, 200, 400, 600, 800] + [1000] * (
        BLOCK - round(FADE_SECONDS * RATE)
    )


@pytest.mark.parametrize("left", range(BLOCK))
def test_fades_out(buffer: JitterBuffer, left: int) -> None:
    """Wherever in a block it breaks off, the last sample sinks to silence."""
    buffer.write(_sound(round(PREFILL_SECONDS * RATE) + left))
    after: list[int] = []
    for _ in range(round(PREFILL_SECONDS * RATE / BLOCK) + 2):
        after += _asked(buffer)[1]
    assert after[:5] == [800, 600, 400, 200, 0]
    assert not any(after[5:])


def test_refill_fits_the_ring() -> None:
    """However often it runs dry, the refill it waits for is one that the ring can hold."""
    buffer = JitterBuffer(PCM(RATE), 1.0)
    for times in range(8):
        buffer.write(_sound(1000))
        assert buffer.underruns == times
        while _asked(buffer)[0]:
            pass


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=60))
def test_all_is_given_once(steps: list[tuple[int, int]]) -> None:
    """Whatever the pace of either side: every frame once, in order; faded ones keep their place."""
    buffer = JitterBuffer(PCM(RATE), 1.0)
    sent: list[int] = []
    given: list[int] = []
    for put, asked in steps:
        new = [1000 + len(sent) + index for index in range(put)]
        sent += new
        assert buffer.write(memoryview(np.array(new, np.int16).tobytes())) == 2 * put
        given += _asked(buffer, asked)[0]
        if len(sent) - len(given) > 900:
            break
    buffer.end()
    while more := _asked(buffer)[0]:
        given += more
    assert len(given) == len(sent)
    assert all(a == b or 0 <= a < b for a, b in zip(given, sent, strict=True))
