"""16-bit sound at one rate made into the same sound at another, block by block (soxr)."""

from __future__ import annotations

from stepcli.sound import PCM


class Resampler:
    """From ``pcm`` to ``rate``. Blocks in are whole frames; blocks out lag behind by some ms."""

    def __init__(self, pcm: PCM, rate: int) -> None:
        import numpy
        import soxr

        self._channels = pcm.channels
        self._numpy = numpy
        self._stream = soxr.ResampleStream(pcm.rate, rate, pcm.channels, dtype="int16")

    def feed(self, data: bytes) -> bytes:
        """What can be said so far of the sound in ``data``."""
        return self._resample(data, last=False)

    def finish(self) -> bytes:
        """The rest. What is fed after it is a new sound."""
        rest = self._resample(b"", last=True)
        self._stream.clear()
        return rest

    def _resample(self, data: bytes, *, last: bool) -> bytes:
        frames = self._numpy.frombuffer(data, "<i2").reshape(-1, self._channels)
        sound: bytes = self._stream.resample_chunk(frames, last=last).tobytes()
        return sound
