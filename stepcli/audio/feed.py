"""What a device is given each time it asks: sound while there is some, else silence."""

from __future__ import annotations

from stepcli.audio.ring import Ring
from stepcli.sound import PCM

PREFILL = 0.02
"""Seconds of sound that must wait before the first of it is given."""

REFILL = 0.5
"""The same after an under-run, doubled by each further one: better few pauses than short ones."""

FADE = 0.005
"""Seconds over which sound that breaks off is faded out, and in again, so that nothing clicks."""


class Feed:
    """A ring that one thread puts sound into and the device's callback fills its blocks from.

    ``underruns`` counts how often the sound broke off though more was still to come.
    """

    def __init__(self, pcm: PCM, seconds: float) -> None:
        self._pcm = pcm
        self._ring = Ring(self._bytes(seconds))
        self._fade = self._bytes(FADE)
        self._threshold = self._bytes(PREFILL)
        self._playing = False
        self._ended = False
        self._dry = False
        self._faded_out = False
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
        return self._ring.put(data)

    def end(self) -> None:
        """Nothing more for now: what is there is given to its last frame; silence is no fault."""
        self._ended = True
        self._dry = False

    def fill(self, block: memoryview) -> int:
        """Fill all of ``block`` (bytes, whole frames); how many bytes of it are sound."""
        # Read in this order: what was put before the end was told is then surely counted.
        ended, waiting = self._ended, self._ring.filled
        if not self._playing and not self._enough(waiting, ended):
            block[:] = bytes(len(block))
            return 0
        count = min(len(block), waiting)
        self._ring.take(block[:count])
        block[count:] = bytes(len(block) - count)
        self._soften_start(block[:count])
        self._playing = waiting > count if ended else waiting >= len(block) + self._fade
        if not self._playing and not ended:
            self._break_off(block[:count])
        return count

    def _enough(self, waiting: int, ended: bool) -> bool:
        return waiting >= self._threshold or (ended and waiting > 0)

    def _soften_start(self, sound: memoryview) -> None:
        if self._faded_out:
            self._faded_out = False
            _ramp(sound[: self._fade])

    def _break_off(self, sound: memoryview) -> None:
        # A fade's worth always stays behind while playing, so there is something to fade out here.
        _ramp(sound[-self._fade :], falling=True)
        self._faded_out = True
        self._dry = True

    def _count_underrun(self) -> None:
        refill = self._bytes(REFILL * 2**self.underruns)
        self._threshold = min(refill, self._ring.size // 2)
        self.underruns += 1

    def _bytes(self, seconds: float) -> int:
        return round(seconds * self._pcm.rate) * self._pcm.frame_bytes


def _ramp(sound: memoryview, *, falling: bool = False) -> None:
    """Scale 16-bit samples in place, linearly from silence to full or the other way."""
    samples = sound.cast("h")
    count = len(samples)
    for index in range(count):
        level = count - 1 - index if falling else index
        samples[index] = samples[index] * level // count
