"""A recording on disk that one thread writes while another follows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from stepcli.audio import wav
from stepcli.audio.track import file_blocks
from stepcli.audio_types import PCM, Recording
from stepcli.errors import OutputError
from stepcli.storage.directories import make_private
from stepcli.storage.growing_file import GrowingFile
from stepcli.storage.os_errors import os_errors_as

_HEADER_SECONDS = 0.25
"""Seconds of sound that the header of a killed run may not count."""


class RecordingFile:
    """A growing WAV file at `path`, readable by its owner only, with a valid header at any time.

    The disk is the buffer between the thread that records and the one that reads: neither waits
    for the other, and hours of sound take no memory. Raises OutputError where nothing can be
    written.
    """

    def __init__(self, path: Path, pcm: PCM) -> None:
        self.path = path
        self.pcm = pcm
        self._counted = 0
        self._more = threading.Condition()
        purpose = f"cannot record into {path}"
        with os_errors_as(OutputError, purpose):
            make_private(path.parent)
        self._file = GrowingFile.create(path, partial(wav.header, pcm), purpose)
        self._file.write_header()

    @property
    def size(self) -> int:
        """The bytes of samples so far."""
        return self._file.size

    @property
    def seconds(self) -> float:
        return self.pcm.seconds(self.size)

    def write(self, samples: bytes) -> None:
        """Append whole frames. Raises OutputError."""
        self._file.write(samples)
        with self._more:
            self._more.notify_all()
        if self.pcm.seconds(self.size - self._counted) >= _HEADER_SECONDS:
            self._write_header()

    def read(self, position: int, size: int) -> bytes:
        """Return at most `size` bytes of the samples from `position` on."""
        return self._file.read(position, size)

    def wait_beyond(self, position: int, seconds: float) -> bool:
        """Wait at most `seconds` for samples beyond `position`; return whether there are any."""
        with self._more:
            return self._more.wait_for(lambda: self.size > position, seconds)

    def recording(self, start: int, stop: int) -> Recording:
        """Return the frames from `start` to `stop`, to be sent."""
        offset, size = (frames * self.pcm.frame_bytes for frames in (start, stop - start))
        part = partial(file_blocks, self.path, self._file.start + offset, size)
        return Recording("pcm", size, part, self.pcm)

    def blocks(self) -> Iterator[bytes]:
        """Yield all samples so far."""
        return file_blocks(self.path, self._file.start, self.size)

    def close(self) -> None:
        """End the recording with a header that counts its last sample. Raises OutputError."""
        if self._file.closed:
            return
        try:
            self._write_header()
        finally:
            self._file.close()

    def _write_header(self) -> None:
        self._counted = self.size
        self._file.write_header()
