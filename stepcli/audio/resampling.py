"""16-bit sound at one rate made into the same sound at another, block by block (soxr)."""

from __future__ import annotations

from array import array

from stepcli.audio_types import PCM


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


class PCMConverter:
    """Whole frames, the device's rate, the device's channels: nothing else is changed.

    ``given`` is mono, or has as many channels as ``wanted``. Blocks in may be cut anywhere.
    """

    def __init__(self, given: PCM, wanted: PCM) -> None:
        self._given = given
        self._copies = wanted.channels // given.channels
        self._resampler = None if given.rate == wanted.rate else Resampler(given, wanted.rate)
        self._torn = b""

    def feed(self, data: bytes) -> bytes:
        """What can be played so far of the sound in ``data``."""
        data = self._torn + data
        whole = len(data) - len(data) % self._given.frame_bytes
        self._torn = data[whole:]
        frames = data[:whole]
        return self._spread(self._resampler.feed(frames) if self._resampler else frames)

    def finish(self) -> bytes:
        """The rest, less a torn frame. What is fed after it is a new sound."""
        self._torn = b""
        return self._spread(self._resampler.finish()) if self._resampler else b""

    def _spread(self, frames: bytes) -> bytes:
        if self._copies == 1:
            return frames
        mono = array("h", frames)
        spread = array("h", bytes(len(frames) * self._copies))
        for channel in range(self._copies):
            spread[channel :: self._copies] = mono
        return spread.tobytes()
