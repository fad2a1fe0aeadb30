"""A recording on disk that one thread writes while another follows it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from stepcli.audio import wav
from stepcli.audio.track import file_blocks
from stepcli.audio_types import PCM, Recording
from stepcli.errors import OutputError

_HEADER_EVERY = 0.25
"""Seconds of sound that a killed run's header may not know of."""


class Tape:
    """A WAV file at ``path``, its owner's alone, that grows and is a true one all the while.

    The disk is the buffer between who captures and who listens: neither waits for the other, and
    hours take no memory. Raises OutputError where nothing can be written.
    """

    def __init__(self, path: Path, pcm: PCM) -> None:
        self.path = path
        self.pcm = pcm
        self.size = 0
        self._begin = len(wav.header(pcm))
        self._told = 0
        self._more = threading.Condition()
        with _blamed(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
            self._file.write(wav.header(pcm, 0))
            self._reader = path.open("rb", buffering=0)

    @property
    def seconds(self) -> float:
        return self.pcm.seconds(self.size)

    def write(self, samples: bytes) -> None:
        """Append whole frames."""
        with _blamed(self.path):
            rest = memoryview(samples)
            while rest:
                rest = rest[self._file.write(rest) :]
            self._grow(len(samples))
            if self.pcm.seconds(self.size - self._told) >= _HEADER_EVERY:
                self._tell_size()

    def read(self, position: int, size: int) -> bytes:
        """At most ``size`` bytes of the samples from ``position`` on; for one thread."""
        self._reader.seek(self._begin + position)
        return self._reader.read(min(size, self.size - position))

    def wait_beyond(self, position: int, seconds: float) -> bool:
        """Whether there are samples beyond ``position``, waiting for them that long at most."""
        with self._more:
            return self._more.wait_for(lambda: self.size > position, seconds)

    def recording(self, start: int, stop: int) -> Recording:
        """The frames from ``start`` to ``stop``, to be sent."""
        offset, size = (frames * self.pcm.frame_bytes for frames in (start, stop - start))
        part = partial(file_blocks, self.path, self._begin + offset, size)
        return Recording("pcm", size, part, self.pcm)

    def blocks(self) -> Iterator[bytes]:
        """All samples so far."""
        return file_blocks(self.path, self._begin, self.size)

    def close(self) -> None:
        """The recording is over; its header is true to the last sample."""
        if self._file.closed:
            return
        with _blamed(self.path):
            self._tell_size()
            self._file.close()
            self._reader.close()

    def _grow(self, size: int) -> None:
        with self._more:
            self.size += size
            self._more.notify_all()

    def _tell_size(self) -> None:
        self._file.seek(0)
        self._file.write(wav.header(self.pcm, self.size))
        self._file.seek(self._begin + self.size)
        self._told = self.size


@contextmanager
def _blamed(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise OutputError(f"cannot record into {path}: {exc.strerror or exc}") from exc
