"""The buffer between the thread that writes audio and the callback of the output device."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic
from typing import Final

from stepcli.audio_types import PCM


class RingBuffer:
    """A ring buffer of ``size`` bytes for one writer and one reader, without a lock.

    Each thread changes only its own counter, and only after the bytes are in place.
    """

    def __init__(self, size: int) -> None:
        self.size: Final = size
        self._memory = memoryview(bytearray(size))
        self._written = 0
        self._read = 0

    @property
    def filled(self) -> int:
        """How many bytes can be read."""
        return self._written - self._read

    def write(self, data: memoryview) -> int:
        """Copy in as much of ``data`` as fits; return how many bytes that is."""
        count = min(len(data), self.size - self.filled)
        start = self._written % self.size
        until_end = min(count, self.size - start)
        self._memory[start : start + until_end] = data[:until_end]
        self._memory[: count - until_end] = data[until_end:count]
        self._written += count
        return count

    def read(self, block: memoryview) -> None:
        """Fill ``block`` with the next bytes. There must be that many."""
        count = len(block)
        start = self._read % self.size
        until_end = min(count, self.size - start)
        block[:until_end] = self._memory[start : start + until_end]
        block[until_end:] = self._memory[: count - until_end]
        self._read += count


PREFILL_SECONDS = 0.25
"""Seconds of audio with which playback starts at once."""

HOLD_SECONDS = 0.02
"""Seconds that less audio than that waits for more. Audio that arrives hardly faster than it is
played would otherwise stop at the first delay."""

REFILL_SECONDS = 0.5
"""The prefill after an underrun. It doubles with each one: few long pauses are better than many."""

FADE_SECONDS = 0.005
"""Seconds of the fade-out and fade-in around an underrun, without which there would be clicks."""


class JitterBuffer:
    """Audio of the shape ``pcm``, at most ``seconds`` of it, that waits for the output device.

    One thread writes, the callback of the device reads: audio while there is some, else silence.
    ``underruns`` counts how often it ran empty before the audio had ended.
    """

    def __init__(self, pcm: PCM, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._pcm = pcm
        self._buffer = RingBuffer(pcm.size(seconds))
        self._prefill = pcm.size(PREFILL_SECONDS)
        self._clock = clock
        self._start_by = math.inf
        self._at_start = True
        self._playing = False
        self._ended = False
        self._ran_empty = False
        self._last_frame = bytes(pcm.frame_bytes)
        self._fading_out = memoryview(b"")
        self._fades_in = False
        self.underruns = 0

    @property
    def empty(self) -> bool:
        """Whether no audio waits for the device."""
        return self._buffer.filled == 0

    def write(self, data: memoryview) -> int:
        """Copy in as many whole frames of ``data`` as fit; return how many bytes that is."""
        self._ended = False
        if self._ran_empty:
            self._ran_empty = False
            self._count_underrun()
        elif self._at_start:
            self._at_start = False
            self._start_by = self._clock() + HOLD_SECONDS
        return self._buffer.write(data)

    def end(self) -> None:
        """Expect no more audio for now: play the rest. Silence then does not count as underrun."""
        self._ended = True
        self._ran_empty = False

    def fill(self, block: memoryview) -> int:
        """Fill ``block``, whole frames, with audio, then silence; return the bytes of audio."""
        # In this order: all that was written before `end` was called is then counted.
        ended, waiting = self._ended, self._buffer.filled
        if not self._playing and not self._may_start(waiting, ended):
            self._fill_silence(block)
            return 0
        self._playing = True
        audio = block[: min(len(block), waiting)]
        self._fill_audio(audio)
        if len(audio) < len(block):
            self._stop(ended)
            self._fill_silence(block[len(audio) :])
        return len(audio)

    def _may_start(self, waiting: int, ended: bool) -> bool:
        if not waiting:
            return False
        return ended or waiting >= self._prefill or self._clock() >= self._start_by

    def _fill_audio(self, audio: memoryview) -> None:
        if not audio:
            return
        self._buffer.read(audio)
        self._last_frame = bytes(audio[-self._pcm.frame_bytes :])
        if self._fades_in:
            self._fades_in = False
            _fade_in(audio[: self._pcm.size(FADE_SECONDS)])

    def _stop(self, ended: bool) -> None:
        self._playing = False
        if ended:
            self._at_start = True
        else:
            self._ran_empty = True
            self._start_by = math.inf
            self._fades_in = True
            self._fading_out = _fade_out(self._last_frame, self._pcm.size(FADE_SECONDS))

    def _fill_silence(self, block: memoryview) -> None:
        tail, self._fading_out = self._fading_out[: len(block)], self._fading_out[len(block) :]
        block[: len(tail)] = tail
        block[len(tail) :] = bytes(len(block) - len(tail))

    def _count_underrun(self) -> None:
        self._prefill = min(
            self._pcm.size(REFILL_SECONDS * 2**self.underruns), self._buffer.size // 2
        )
        self.underruns += 1


def _fade_in(audio: memoryview) -> None:
    """Let 16-bit samples rise from silence, in place."""
    samples = audio.cast("h")
    for index in range(len(samples)):
        samples[index] = samples[index] * index // len(samples)


def _fade_out(frame: bytes, size: int) -> memoryview:
    """Return ``size`` bytes in which the 16-bit samples of ``frame`` fall to silence."""
    samples = memoryview(bytearray(frame * (size // len(frame)))).cast("h")
    for index in range(len(samples)):
        samples[index] = samples[index] * (len(samples) - 1 - index) // len(samples)
    return samples.cast("B")
