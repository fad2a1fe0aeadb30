"""Random access to audio that decoders can only read in order."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import IO

from stepcli.audio.track import BLOCK
from stepcli.audio_types import PCM
from stepcli.errors import OutputError, StepcliError, UsageError
from stepcli.storage.temporary_files import anonymous_file


class SampleCache:
    """The samples that ``decode`` yields, readable from any frame by any thread.

    Decoders do not seek reliably: in joined recordings and with some codecs they land elsewhere or
    return nothing. So the audio is decoded once, in order and as far as it is asked for, into an
    unnamed temporary file (115 MB per hour at 16 kHz). Where that file cannot be written, each
    read decodes from the beginning. ``name`` is what errors call the audio.
    """

    def __init__(self, decode: Callable[[], Iterator[bytes]], pcm: PCM, name: str) -> None:
        self._decode = decode
        self._frame_bytes = pcm.frame_bytes
        self._name = name
        self._blocks = decode()
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._size = 0
        self._ended = False
        self._failure: StepcliError | OSError | None = None

    def part(self, start: int, stop: int | None) -> Iterator[bytes]:
        """Yield the samples from frame ``start`` to ``stop``, or to the end if that is None.

        Raises what the decoder raises, and UsageError if there are fewer samples than that.
        """
        position = start * self._frame_bytes
        end = None if stop is None else stop * self._frame_bytes
        for block in self._read_all(position, end):
            position += len(block)
            yield block
        if end is not None and position < end:
            raise UsageError(f"{self._name} changed while it was being read")

    def _read_all(self, position: int, end: int | None) -> Iterator[bytes]:
        while end is None or position < end:
            try:
                block = self._read(position, BLOCK if end is None else min(BLOCK, end - position))
            except (OSError, OutputError):  # the temporary file, see `_read`
                yield from slice_blocks(self._decode(), position, end)
                return
            if not block:
                return
            position += len(block)
            yield block

    def _read(self, position: int, size: int) -> bytes:
        """Return the bytes at ``position``.

        Raises OutputError if there can be no temporary file, OSError if it cannot be written.
        """
        with self._lock:
            while self._size < position + size and not self._ended:
                self._decode_block()
            if self._file is None:
                return b""
            self._file.seek(position)
            return self._file.read(size)

    def _decode_block(self) -> None:
        if self._failure:
            raise self._failure
        try:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
                return
            if self._file is None:
                self._file = anonymous_file()
                weakref.finalize(self, self._file.close)
            self._file.seek(self._size)
            self._file.write(block)
            self._file.flush()
        except (StepcliError, OSError) as exc:
            self._failure = exc
            raise
        self._size += len(block)


def slice_blocks(blocks: Iterator[bytes], position: int, end: int | None) -> Iterator[bytes]:
    """Yield the bytes of ``blocks`` from ``position`` to ``end``."""
    passed = 0
    for block in blocks:
        wanted = block[max(0, position - passed) : None if end is None else max(0, end - passed)]
        passed += len(block)
        if wanted:
            yield wanted
        if end is not None and passed >= end:
            return
