"""Record from a microphone or a pipe, block by block, and into a file in the background."""

from __future__ import annotations

import os
import select
import sys
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
from stepcli.audio.resampling import FrameBuffer, Resampler
from stepcli.audio.signal import mono_samples
from stepcli.audio_types import PCM
from stepcli.errors import StepcliError, UsageError
from stepcli.storage.os_errors import os_errors_as

BLOCK_SECONDS = 0.1
_READ_SIZE = 1 << 16
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
        self._converter = _MonoConverter(self._shape, rate)

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
            yield self._converter.feed(bytes(data))


class RawStream:
    """Mono s16le at `rate` Hz from the raw samples of shape `pcm` that the file `number` delivers.

    A block is what arrives at once; an empty one is yielded after BLOCK_SECONDS without data, so
    that the recording can be stopped. The end of the file ends the iteration.
    """

    device: Final = "stdin"
    overflows: Final = 0

    def __init__(self, number: int, pcm: PCM, rate: int) -> None:
        self._number = number
        self._frames = FrameBuffer(pcm.frame_bytes)
        self._converter = _MonoConverter(pcm, rate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __iter__(self) -> Iterator[bytes]:
        while True:
            if not self._is_ready():
                yield b""
                continue
            with os_errors_as(UsageError, f"cannot read {self.device}"):
                data = os.read(self._number, _READ_SIZE)
            if not data:
                return
            yield self._converter.feed(self._frames.feed(data))

    def _is_ready(self) -> bool:
        """Return whether reading would not wait, which Windows cannot tell for a pipe."""
        if sys.platform == "win32":
            return True
        return bool(select.select([self._number], [], [], BLOCK_SECONDS)[0])


class _MonoConverter:
    """Convert whole frames of the shape `source` to mono at `rate` Hz."""

    def __init__(self, source: PCM, rate: int) -> None:
        self._channels = source.channels
        self._resampler = None if source.rate == rate else Resampler(PCM(source.rate), rate)

    def feed(self, data: bytes) -> bytes:
        mono = mono_samples(data, self._channels) if self._channels > 1 else data
        return self._resampler.feed(mono) if self._resampler else mono


class CaptureSource(Protocol):
    """A source of blocks that is started and stopped in the thread that reads it."""

    @property
    def overflows(self) -> int:
        """How often audio was lost because it was read too late."""

    @property
    def device(self) -> object:
        """What an error calls the source."""

    def __enter__(self) -> Iterable[bytes]: ...

    def __exit__(self, *_: object) -> None: ...


class Capture:
    """Record ``source`` into ``recording_file`` in a thread of its own.

    It ends by itself after ``seconds``, when the source ends, or with ``failure``, which is the
    error of the source or of the file. A source that `may_pause` has not failed if it delivers
    nothing for a while.
    """

    def __init__(
        self,
        source: CaptureSource,
        recording_file: RecordingFile,
        seconds: float | None = None,
        *,
        may_pause: bool = False,
    ) -> None:
        self.recording_file = recording_file
        self.may_pause = may_pause
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
        if self._thread.is_alive() and not self.may_pause:
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
