"""Sound from a microphone, in blocks, as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Self

from stepcli.audio.devices import find_input
from stepcli.audio.portaudio import heard, let_go, open_input, start
from stepcli.audio.resample import Resampler
from stepcli.sound import PCM

BLOCK_SECONDS = 0.1


class Recorder:
    """A source of mono s16le at ``rate`` Hz; a device that refuses that rate is resampled.

    Blocks of ``block`` seconds are read in the thread that iterates, which an interrupt therefore
    ends within one of them. ``overflows`` counts the blocks before which sound was lost, because
    the reader came too late. Use as a context manager. Raises DeviceError, and UsageError for a
    device not to be found.
    """

    def __init__(self, rate: int, device: str | None = None, block: float = BLOCK_SECONDS) -> None:
        self.device: Final = find_input(device)
        self.pcm = PCM(rate)
        self.overflows = 0
        self._stream, self._shape = open_input(self.device, self.pcm)
        self._frames = round(self._shape.rate * block)
        own = PCM(self._shape.rate)
        self._resampler = None if own == self.pcm else Resampler(own, rate)

    def __enter__(self) -> Self:
        start(self._stream, self.device)
        return self

    def __exit__(self, *_: object) -> None:
        let_go(self._stream)

    def __iter__(self) -> Iterator[bytes]:
        """Blocks, for ever."""
        while True:
            with heard(self.device):
                data, overflowed = self._stream.read(self._frames)
            self.overflows += overflowed
            mono = self._mono(bytes(data))
            yield self._resampler.feed(mono) if self._resampler else mono

    def _mono(self, data: bytes) -> bytes:
        if self._shape.channels == 1:
            return data
        import numpy as np

        frames = np.frombuffer(data, "<i2").reshape(-1, self._shape.channels)
        mono: bytes = frames.mean(axis=1).astype("<i2").tobytes()
        return mono
