"""Sound from a microphone, in blocks, as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from stepcli.audio.devices import find_input
from stepcli.audio.portaudio import blamed, let_go, open_input, start
from stepcli.sound import PCM

BLOCK_SECONDS = 0.1


class Recorder:
    """A source of mono s16le at ``pcm.rate``, the wanted rate or one the device has.

    Blocks are read in the thread that iterates, which an interrupt therefore ends within one of
    them. Use as a context manager. Raises DeviceError, and UsageError for a device not to be found.
    """

    def __init__(self, rate: int, device: str | None = None) -> None:
        self.device = find_input(device)
        self._stream, self._shape = open_input(self.device, PCM(rate))
        self.pcm = PCM(self._shape.rate)

    def __enter__(self) -> Self:
        start(self._stream, self.device)
        return self

    def __exit__(self, *_: object) -> None:
        let_go(self._stream)

    def __iter__(self) -> Iterator[bytes]:
        """Blocks of ``BLOCK_SECONDS``, for ever."""
        frames = round(self.pcm.rate * BLOCK_SECONDS)
        while True:
            with blamed(self.device):
                data, _overflowed = self._stream.read(frames)
            yield self._mono(bytes(data))

    def _mono(self, data: bytes) -> bytes:
        if self._shape.channels == 1:
            return data
        import numpy as np

        frames = np.frombuffer(data, "<i2").reshape(-1, self._shape.channels)
        mono: bytes = frames.mean(axis=1).astype("<i2").tobytes()
        return mono
