"""A recording on disk that one thread writes while another follows it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from stepcli.audio import wav
from stepcli.audio.track import Track, file_blocks
from stepcli.audio_types import PCM
from stepcli.errors import OutputError
from stepcli.storage.directories import make_private, remove
from stepcli.storage.growing_file import GrowingFile
from stepcli.storage.os_errors import os_errors_as

_HEADER_SECONDS = 0.25
"""Seconds of sound that the header of a killed run may not count."""
_COPY_SIZE = 1 << 20


class RecordingFile:
    """A growing WAV file at `path`, readable by its owner only, with a valid header at any time.

    The disk is the buffer between the thread that records and the one that reads: neither waits
    for the other, and hours of sound take no memory. Where `path` cannot be written, the recording
    moves to the directory `fallback` and `notify` is called. Raises OutputError where nothing can
    be written.

    Set `followed` to False if no other thread reads the recording: then a move frees the space on
    the full disk at once.
    """

    def __init__(
        self,
        path: Path,
        pcm: PCM,
        fallback: Path | None = None,
        notify: Callable[[str], None] = lambda _: None,
        *,
        followed: bool = True,
    ) -> None:
        self.path = path
        self.pcm = pcm
        self._followed = followed
        self._fallback = fallback
        self._notify = notify
        self._counted = 0
        self._more = threading.Condition()
        self._former: GrowingFile | None = None
        try:
            self._file = self._create(path)
        except OutputError as error:
            self._file = self._relocate(error)

    @property
    def size(self) -> int:
        """The bytes of samples so far."""
        return self._file.size

    @property
    def seconds(self) -> float:
        return self.pcm.seconds(self.size)

    def write(self, samples: bytes) -> None:
        """Append whole frames. Raises OutputError."""
        self._persist(lambda: self._file.write(samples))
        if self.pcm.seconds(self.size - self._counted) >= _HEADER_SECONDS:
            self._persist(self._write_header)
        with self._more:
            self._more.notify_all()

    def read(self, position: int, size: int) -> bytes:
        """Return at most `size` bytes of the samples from `position` on."""
        return self._file.read(position, size)

    def wait_beyond(self, position: int, seconds: float) -> bool:
        """Wait at most `seconds` for samples beyond `position`; return whether there are any."""
        with self._more:
            return self._more.wait_for(lambda: self.size > position, seconds)

    def track(self) -> Track:
        """Return what has been recorded so far."""
        size = self.size

        def part(start: int, stop: int | None) -> Iterator[bytes]:
            first, last = start * self.pcm.frame_bytes, size
            if stop is not None:
                last = min(size, stop * self.pcm.frame_bytes)
            return self._blocks(first, last - first)

        return Track(self.pcm, part, self.pcm.seconds(size))

    def blocks(self) -> Iterator[bytes]:
        """Yield all samples so far."""
        return self._blocks(0, self.size)

    def close(self) -> None:
        """End the recording with a header that counts its last sample. Raises OutputError."""
        if self._file.closed:
            return
        try:
            self._persist(self._write_header)
        finally:
            self._file.close()
            if self._former:
                self._former.close()

    def _blocks(self, offset: int, size: int) -> Iterator[bytes]:
        return file_blocks(self.path, self._file.start + offset, size)

    def _write_header(self) -> None:
        self._counted = self.size
        self._file.write_header()

    def _create(self, path: Path) -> GrowingFile:
        purpose = f"cannot record into {path}"
        with os_errors_as(OutputError, purpose):
            make_private(path.parent)
        file = GrowingFile.create(path, partial(wav.header, self.pcm), purpose)
        try:
            file.write_header()
        except OutputError:
            file.close()
            remove(path)
            raise
        return file

    def _persist(self, write: Callable[[], None]) -> None:
        """Call `write`, again after the recording has moved where the disk refuses it.

        The former file of a recording that is followed stays open for the thread that reads it.
        """
        try:
            write()
        except OutputError as error:
            former = self._file
            self._file = self._relocate(error, former)
            if self._followed:
                self._former = former
            else:
                former.close()
            write()

    def _relocate(self, error: OutputError, former: GrowingFile | None = None) -> GrowingFile:
        """Return a copy of `former` in the fallback directory; raise `error` without one."""
        if self._fallback is None:
            raise error
        path, self._fallback = self._fallback / self.path.name, None
        file = self._create(path)
        if former:
            try:
                for position in range(0, former.size, _COPY_SIZE):
                    file.write(former.read(position, _COPY_SIZE))
            except OutputError:
                file.close()
                remove(path)
                raise
            remove(self.path)
        self.path = path
        self._notify(f"{error.message}; recording into {path}")
        return file
