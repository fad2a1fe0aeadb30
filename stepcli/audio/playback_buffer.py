"""What a device is given each time it asks: sound while there is some, else silence."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic
from typing import Final

from stepcli.audio_types import PCM


class RingBuffer:
    """``size`` bytes of room.

    Safe without a lock for one thread that puts and one that takes: each moves only its own
    counter, and only after the bytes are in place.
    """

    def __init__(self, size: int) -> None:
        self.size: Final = size
        self._room = memoryview(bytearray(size))
        self._put = 0
        self._taken = 0

    @property
    def filled(self) -> int:
        """How many bytes wait to be taken."""
        return self._put - self._taken

    def put(self, data: memoryview) -> int:
        """Copy in as much of ``data`` as there is room for; how many bytes that was."""
        count = min(len(data), self.size - self.filled)
        start = self._put % self.size
        until_end = min(count, self.size - start)
        self._room[start : start + until_end] = data[:until_end]
        self._room[: count - until_end] = data[until_end:count]
        self._put += count
        return count

    def take(self, block: memoryview) -> None:
        """Copy the next ``len(block)`` bytes, which must be there, into ``block``."""
        count = len(block)
        start = self._taken % self.size
        until_end = min(count, self.size - start)
        block[:until_end] = self._room[start : start + until_end]
        block[until_end:] = self._room[: count - until_end]
        self._taken += count


PREFILL_SECONDS = 0.25
"""Seconds of sound that are enough to begin with at once."""

HOLD_SECONDS = 0.02
"""Seconds for which less than that waits for more: sound that comes hardly faster than it is heard
would otherwise break off at the first delay."""

REFILL_SECONDS = 0.5
"""The prefill after an under-run, doubled by each further one: few pauses, not many short ones."""

FADE_SECONDS = 0.005
"""Seconds over which sound that breaks off fades out, and in again, so that nothing clicks."""


class JitterBuffer:
    """A ring that one thread puts sound into and the device's callback fills its blocks from.

    ``underruns`` counts how often the sound broke off though more was still to come.
    """

    def __init__(self, pcm: PCM, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._pcm = pcm
        self._ring = RingBuffer(self._bytes(seconds))
        self._prefill = self._bytes(PREFILL_SECONDS)
        self._clock = clock
        self._begin_by = math.inf
        self._fresh = True
        self._playing = False
        self._ended = False
        self._dry = False
        self._last_frame = bytes(pcm.frame_bytes)
        self._fading_out = memoryview(b"")
        self._fades_in = False
        self.underruns = 0

    @property
    def empty(self) -> bool:
        return self._ring.filled == 0

    def put(self, data: memoryview) -> int:
        """Take in as much of ``data``, whole frames, as there is room for; how many bytes."""
        self._ended = False
        if self._dry:
            self._dry = False
            self._count_underrun()
        elif self._fresh:
            self._fresh = False
            self._begin_by = self._clock() + HOLD_SECONDS
        return self._ring.put(data)

    def end(self) -> None:
        """Nothing more for now: what is there is given to its last frame; silence is no fault."""
        self._ended = True
        self._dry = False

    def fill(self, block: memoryview) -> int:
        """Fill all of ``block`` (bytes, whole frames); how many bytes of it are sound."""
        # Read in this order: what was put before the end was told is then surely counted.
        ended, waiting = self._ended, self._ring.filled
        if not self._playing and not self._begins(waiting, ended):
            self._be_silent(block)
            return 0
        self._playing = True
        sound = block[: min(len(block), waiting)]
        self._give(sound)
        if len(sound) < len(block):
            self._stop(ended)
            self._be_silent(block[len(sound) :])
        return len(sound)

    def _begins(self, waiting: int, ended: bool) -> bool:
        if not waiting:
            return False
        return ended or waiting >= self._prefill or self._clock() >= self._begin_by

    def _give(self, sound: memoryview) -> None:
        if not sound:
            return
        self._ring.take(sound)
        self._last_frame = bytes(sound[-self._pcm.frame_bytes :])
        if self._fades_in:
            self._fades_in = False
            _fade_in(sound[: self._bytes(FADE_SECONDS)])

    def _stop(self, ended: bool) -> None:
        self._playing = False
        if ended:
            self._fresh = True
        else:
            self._dry = True
            self._begin_by = math.inf
            self._fades_in = True
            self._fading_out = _fall(self._last_frame, self._bytes(FADE_SECONDS))

    def _be_silent(self, block: memoryview) -> None:
        tail, self._fading_out = self._fading_out[: len(block)], self._fading_out[len(block) :]
        block[: len(tail)] = tail
        block[len(tail) :] = bytes(len(block) - len(tail))

    def _count_underrun(self) -> None:
        self._prefill = min(self._bytes(REFILL_SECONDS * 2**self.underruns), self._ring.size // 2)
        self.underruns += 1

    def _bytes(self, seconds: float) -> int:
        return round(seconds * self._pcm.rate) * self._pcm.frame_bytes


def _fade_in(sound: memoryview) -> None:
    """Let 16-bit samples rise from silence, in place."""
    samples = sound.cast("h")
    for index in range(len(samples)):
        samples[index] = samples[index] * index // len(samples)


def _fall(frame: bytes, size: int) -> memoryview:
    """``size`` bytes in which 16-bit ``frame`` sinks to silence."""
    samples = memoryview(bytearray(frame * (size // len(frame)))).cast("h")
    for index in range(len(samples)):
        samples[index] = samples[index] * (len(samples) - 1 - index) // len(samples)
    return samples.cast("B")
