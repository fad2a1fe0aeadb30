"""Change the rate and the channels of 16-bit samples that come in blocks of any length."""

from __future__ import annotations

from array import array

from stepcli.audio_types import PCM


class FrameBuffer:
    """Join blocks of any length to whole frames of ``size`` bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._incomplete = b""

    def feed(self, data: bytes) -> bytes:
        """Return the frames that ``data`` completes; an incomplete one waits for its rest."""
        data = self._incomplete + data
        whole = len(data) - len(data) % self._size
        self._incomplete = data[whole:]
        return data[:whole]

    def clear(self) -> None:
        """Discard an incomplete frame."""
        self._incomplete = b""


class Resampler:
    """Convert samples of the shape ``pcm`` to ``rate`` Hz with soxr.

    Blocks in are whole frames. Blocks out are some milliseconds behind.
    """

    def __init__(self, pcm: PCM, rate: int) -> None:
        import numpy
        import soxr

        self._channels = pcm.channels
        self._numpy = numpy
        self._stream = soxr.ResampleStream(pcm.rate, rate, pcm.channels, dtype="int16")

    def feed(self, data: bytes) -> bytes:
        """Return the samples that can be computed with ``data``."""
        return self._resample(data, last=False)

    def finish(self) -> bytes:
        """Return the remaining samples. ``feed`` may then begin with other audio."""
        rest = self._resample(b"", last=True)
        self._stream.clear()
        return rest

    def _resample(self, data: bytes, *, last: bool) -> bytes:
        frames = self._numpy.frombuffer(data, "<i2").reshape(-1, self._channels)
        sound: bytes = self._stream.resample_chunk(frames, last=last).tobytes()
        return sound


class PCMConverter:
    """Convert samples from the shape ``source`` to the shape ``target`` of a device.

    ``source`` is mono, or has as many channels as ``target``. Blocks in may be of any length.
    """

    def __init__(self, source: PCM, target: PCM) -> None:
        self._frames = FrameBuffer(source.frame_bytes)
        self._copies = target.channels // source.channels
        self._resampler = None if source.rate == target.rate else Resampler(source, target.rate)

    def feed(self, data: bytes) -> bytes:
        """Return the frames that can be computed with ``data``."""
        frames = self._frames.feed(data)
        return self._copy_channels(self._resampler.feed(frames) if self._resampler else frames)

    def finish(self) -> bytes:
        """Return the remaining frames. ``feed`` may then begin with other audio."""
        self._frames.clear()
        return self._copy_channels(self._resampler.finish()) if self._resampler else b""

    def _copy_channels(self, frames: bytes) -> bytes:
        if self._copies == 1:
            return frames
        mono = array("h", frames)
        copied = array("h", bytes(len(frames) * self._copies))
        for channel in range(self._copies):
            copied[channel :: self._copies] = mono
        return copied.tobytes()
