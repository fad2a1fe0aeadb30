"""When the output device gets audio, and when silence."""

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
    RingBuffer,
)
from stepcli.audio_types import PCM

RATE = 1000
BLOCK = 10
"""Frames that the device requests at once."""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _sound(frames: int, level: int = 1000) -> memoryview:
    return memoryview(np.full(frames, level, np.int16).tobytes())


def _request(buffer: JitterBuffer, frames: int = BLOCK) -> tuple[list[int], list[int]]:
    """Return the audio and the silence in a block of ``frames`` that the device requests."""
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


def test_device_gets_silence_before_the_first_write(buffer: JitterBuffer) -> None:
    assert _request(buffer) == ([], [0] * BLOCK)


def test_playback_starts_at_once_with_a_prefill(buffer: JitterBuffer) -> None:
    buffer.write(_sound(round(PREFILL_SECONDS * RATE)))
    assert _request(buffer) == ([1000] * BLOCK, [])


def test_playback_holds_back_less_than_a_prefill_for_a_moment(
    buffer: JitterBuffer, clock: Clock
) -> None:
    """However often the device requests audio meanwhile."""
    buffer.write(_sound(BLOCK))
    for _ in range(20):
        assert _request(buffer) == ([], [0] * BLOCK)
    clock.now += HOLD_SECONDS / 2
    buffer.write(_sound(BLOCK))
    assert _request(buffer) == ([], [0] * BLOCK)
    clock.now += HOLD_SECONDS / 2
    assert _request(buffer) == ([1000] * BLOCK, [])


def test_short_audio_that_has_ended_is_not_held_back(buffer: JitterBuffer) -> None:
    """It ends without a fade."""
    buffer.write(_sound(3))
    buffer.end()
    assert _request(buffer) == ([1000] * 3, [0] * (BLOCK - 3))
    assert buffer.empty
    buffer.write(_sound(3))
    assert _request(buffer) == ([], [0] * BLOCK)


def test_running_empty_at_the_end_is_no_underrun(buffer: JitterBuffer) -> None:
    """Also if ``end`` is called late."""
    buffer.write(_sound(round(PREFILL_SECONDS * RATE)))
    while _request(buffer)[0]:
        pass
    assert buffer.underruns == 0
    buffer.end()
    buffer.write(_sound(25))
    assert buffer.underruns == 0


def test_underrun_waits_for_a_refill_and_fades_in(buffer: JitterBuffer) -> None:
    buffer.write(_sound(round(PREFILL_SECONDS * RATE)))
    while len(_request(buffer)[0]) == BLOCK:
        pass
    buffer.write(_sound(round(REFILL_SECONDS * RATE) - 1))
    assert buffer.underruns == 1
    assert _request(buffer) == ([], [0] * BLOCK)
    buffer.write(_sound(1))
    assert _request(buffer)[0] == [0, 200, 400, 600, 800] + [1000] * (
        BLOCK - round(FADE_SECONDS * RATE)
    )


@pytest.mark.parametrize("left", range(BLOCK))
def test_underrun_fades_out_from_the_last_sample(buffer: JitterBuffer, left: int) -> None:
    """Wherever in a block it runs empty."""
    buffer.write(_sound(round(PREFILL_SECONDS * RATE) + left))
    after: list[int] = []
    for _ in range(round(PREFILL_SECONDS * RATE / BLOCK) + 2):
        after += _request(buffer)[1]
    assert after[:5] == [800, 600, 400, 200, 0]
    assert not any(after[5:])


def test_refill_never_exceeds_the_buffer() -> None:
    """However often it runs empty."""
    buffer = JitterBuffer(PCM(RATE), 1.0)
    for times in range(8):
        buffer.write(_sound(1000))
        assert buffer.underruns == times
        while _request(buffer)[0]:
            pass


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=60))
def test_every_frame_is_played_once_and_in_order(steps: list[tuple[int, int]]) -> None:
    """Whatever the pace of either side; faded frames keep their place."""
    buffer = JitterBuffer(PCM(RATE), 1.0)
    sent: list[int] = []
    given: list[int] = []
    for put, asked in steps:
        new = [1000 + len(sent) + index for index in range(put)]
        sent += new
        assert buffer.write(memoryview(np.array(new, np.int16).tobytes())) == 2 * put
        given += _request(buffer, asked)[0]
        if len(sent) - len(given) > 900:
            break
    buffer.end()
    while more := _request(buffer)[0]:
        given += more
    assert len(given) == len(sent)
    assert all(a == b or 0 <= a < b for a, b in zip(given, sent, strict=True))


@given(st.integers(1, 50), st.lists(st.tuples(st.binary(max_size=70), st.integers(0, 70))))
def test_ring_buffer_returns_what_was_written(size: int, steps: list[tuple[bytes, int]]) -> None:
    """In order and once, never more than ``size`` bytes at a time."""
    ring, put, taken = RingBuffer(size), b"", b""
    for data, wanted in steps:
        put += data[: ring.write(memoryview(data))]
        assert ring.filled <= size
        block = bytearray(min(wanted, ring.filled))
        ring.read(memoryview(block))
        taken += block
        assert ring.filled == len(put) - len(taken)
    assert put.startswith(taken)


def test_full_ring_buffer_accepts_nothing() -> None:
    ring = RingBuffer(4)
    assert ring.write(memoryview(b"abcdef")) == 4
    assert ring.write(memoryview(b"ef")) == 0
