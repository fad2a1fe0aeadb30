"""Sound from a microphone, in blocks, as it comes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Final, Protocol, Self

from stepcli.audio.portaudio import (
    abandon_driver,
    close_stream,
    find_input,
    open_input,
    recording_errors,
    recording_stopped,
    start_stream,
)
from stepcli.audio.recording_file import RecordingFile
from stepcli.audio.resampling import Resampler
from stepcli.audio.signal import mix_to_mono
from stepcli.audio_types import PCM
from stepcli.errors import StepcliError

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
        start_stream(self._stream, self.device)
        return self

    def __exit__(self, *_: object) -> None:
        close_stream(self._stream)

    def __iter__(self) -> Iterator[bytes]:
        """Blocks, for ever."""
        while True:
            with recording_errors(self.device):
                data, overflowed = self._stream.read(self._frames)
            self.overflows += overflowed
            mono = self._mono(bytes(data))
            yield self._resampler.feed(mono) if self._resampler else mono

    def _mono(self, data: bytes) -> bytes:
        if self._shape.channels == 1:
            return data
        import numpy as np

        frames = np.frombuffer(data, "<i2").reshape(-1, self._shape.channels)
        mono: bytes = mix_to_mono(frames).astype("<i2").tobytes()
        return mono


_STUCK = 1.0
"""Seconds that a device is given to hand over its last block."""


class CaptureSource(Protocol):
    """A source that has to be started, in the thread that reads it, and stopped there."""

    overflows: int

    @property
    def device(self) -> object:
        """Called by its name in a failure."""

    def __enter__(self) -> Iterable[bytes]: ...

    def __exit__(self, *_: object) -> None: ...


class Capture:
    """Reads ``source`` onto ``recording_file`` in its own thread.

    It ends by itself after ``seconds``, with the source, or with its ``failure``.
    """

    def __init__(
        self, source: CaptureSource, recording_file: RecordingFile, seconds: float | None = None
    ) -> None:
        self.recording_file = recording_file
        self.failure: StepcliError | None = None
        self._source = source
        self._left = None if seconds is None else round(seconds * recording_file.pcm.rate)
        self._fault: BaseException | None = None
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stepcli-capture", daemon=True)

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._over.is_set()

    @property
    def overflows(self) -> int:
        """How often sound was lost because it was fetched too late."""
        return self._source.overflows

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self) -> None:
        """Stop, and complete the tape."""
        try:
            self.stop()
        finally:
            self.recording_file.close()

    def stop(self) -> None:
        """End with the block that is being read. A device that never hands it over is left.

        Raises a fault of the program, once.
        """
        self._stopping.set()
        self._thread.join(_STUCK)
        if self._thread.is_alive():
            abandon_driver()
        self._over.set()
        fault, self._fault = self._fault, None
        if fault:
            raise fault

    def give_up(self) -> None:
        """Nothing comes any more, not even a failure."""
        self.failure = self.failure or recording_stopped(str(self._source.device))
        self._over.set()

    def _run(self) -> None:
        try:
            with self._source as blocks:
                for block in self._wanted(blocks):
                    self.recording_file.write(block)
        except StepcliError as failure:
            self.failure = failure
        except BaseException as fault:  # noqa: BLE001 - raised again in the main thread
            self._fault = fault
        finally:
            self._over.set()

    def _wanted(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        frame = self.recording_file.pcm.frame_bytes
        for block in blocks:
            if self._over.is_set():
                return
            if self._left is not None:
                block = block[: self._left * frame]
                self._left -= len(block) // frame
            yield block
            if self._stopping.is_set() or self._left == 0:
                return
