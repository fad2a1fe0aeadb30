"""Record from a microphone, block by block, and into a file in the background."""

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
_STOP_SECONDS = 1.0
"""How long ``Capture.stop`` waits for the last block of a device."""


class Recorder:
    """Mono s16le at ``rate`` Hz from an input device, which is resampled if it refuses that rate.

    Use it as a context manager and iterate over its blocks of ``block`` seconds. They are read in
    the thread that iterates, so that an interrupt takes effect within one block. ``overflows``
    counts the blocks before which the device lost audio because it was read too late. Raises
    UsageError for a ``device`` that does not exist or is ambiguous, DeviceError for one that fails.
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
        """Yield blocks without end."""
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


class CaptureSource(Protocol):
    """A source of blocks that is started and stopped in the thread that reads it."""

    overflows: int

    @property
    def device(self) -> object:
        """What an error calls the source."""

    def __enter__(self) -> Iterable[bytes]: ...

    def __exit__(self, *_: object) -> None: ...


class Capture:
    """Record ``source`` into ``recording_file`` in a thread of its own.

    It ends by itself after ``seconds``, when the source ends, or with ``failure``, which is the
    error of the source or of the file.
    """

    def __init__(
        self, source: CaptureSource, recording_file: RecordingFile, seconds: float | None = None
    ) -> None:
        self.recording_file = recording_file
        self.failure: StepcliError | None = None
        self._source = source
        self._frames_left = None if seconds is None else round(seconds * recording_file.pcm.rate)
        self._unexpected: BaseException | None = None
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stepcli-capture", daemon=True)

    @property
    def ended(self) -> bool:
        """Whether no more audio will be recorded."""
        return self._ended.is_set()

    @property
    def overflows(self) -> int:
        """How often the device lost audio because it was read too late."""
        return self._source.overflows

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self) -> None:
        """Stop, and complete the file. Raises OutputError."""
        try:
            self.stop()
        finally:
            self.recording_file.close()

    def stop(self) -> None:
        """End after the current block; do not wait for a device that never delivers it.

        Raises an unexpected exception of the thread, once.
        """
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            abandon_driver()
        self._ended.set()
        unexpected, self._unexpected = self._unexpected, None
        if unexpected:
            raise unexpected

    def abandon(self) -> None:
        """End now with a failure: the device does not deliver any more."""
        self.failure = self.failure or recording_stopped(str(self._source.device))
        self._ended.set()

    def _run(self) -> None:
        try:
            with self._source as blocks:
                for block in self._until_stopped(blocks):
                    self.recording_file.write(block)
        except StepcliError as failure:
            self.failure = failure
        except BaseException as exc:  # noqa: BLE001 - raised again in the main thread
            self._unexpected = exc
        finally:
            self._ended.set()

    def _until_stopped(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        frame = self.recording_file.pcm.frame_bytes
        for block in blocks:
            if self._ended.is_set():
                return
            if self._frames_left is not None:
                block = block[: self._frames_left * frame]
                self._frames_left -= len(block) // frame
            yield block
            if self._stopping.is_set() or self._frames_left == 0:
                return
