"""A file that one thread writes while others read it."""

from __future__ import annotations

import errno
import io
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

from stepcli.errors import OutputError
from stepcli.storage.directories import NEW_FILE, try_lock
from stepcli.storage.os_errors import os_errors_as

Header = Callable[[int], bytes]
"""Returns the bytes before a content of that many bytes; their length is always the same."""


def no_header(_size: int) -> bytes:
    """Return the header of a file without one."""
    return b""


class GrowingFile:
    """Content of `size` bytes behind a header that is written by `write_header`.

    `purpose` begins the message of an OutputError, such as "cannot record into FILE". With
    `on_failure`, content that the disk refuses is held in memory instead, which is reported once.
    """

    def __init__(
        self,
        file: BinaryIO,
        header: Header,
        purpose: str,
        *,
        size: int = 0,
        on_failure: Callable[[OSError], None] | None = None,
    ) -> None:
        self.size = size
        self._file = file
        self._header = header
        self._start = len(header(0))
        self._purpose = purpose
        self._on_failure = on_failure
        self._turn = threading.Lock()

    @classmethod
    def create(cls, path: Path, header: Header, purpose: str) -> GrowingFile:
        """Create the file `path`, readable by its owner only. Raises OutputError."""
        with os_errors_as(OutputError, purpose):
            return cls(open_new(path), header, purpose)

    @property
    def start(self) -> int:
        """Length of the header in bytes."""
        return self._start

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, data: bytes) -> None:
        """Append all of `data`. Raises OutputError."""
        with self._turn:
            self._write(self._start + self.size, data)
            self.size += len(data)

    def write_header(self) -> None:
        """Write the header for the present size. Raises OutputError."""
        with self._turn:
            self._write(0, self._header(self.size))

    def read(self, position: int, size: int) -> bytes:
        """Return at most `size` bytes of the content from `position` on. Raises OutputError."""
        with self._turn, os_errors_as(OutputError, self._purpose):
            self._file.seek(self._start + position)
            return self._file.read(max(0, min(size, self.size - position)))

    def close(self) -> None:
        """Close the file. Raises OutputError."""
        with self._turn, os_errors_as(OutputError, self._purpose):
            self._file.close()

    def _write(self, position: int, data: bytes) -> None:
        with os_errors_as(OutputError, self._purpose):
            try:
                self._write_at(position, data)
            except OSError as exc:
                if self._on_failure is None:
                    raise
                self._move_to_memory()
                self._write_at(position, data)
                self._on_failure(exc)

    def _write_at(self, position: int, data: bytes) -> None:
        self._file.seek(position)
        write_all(self._file, data)

    def _move_to_memory(self) -> None:
        self._file.seek(0)
        content = self._file.read(self._start + self.size)
        self._file.close()
        self._file = io.BytesIO(content)


def open_new(path: Path) -> BinaryIO:
    """Create `path` for its owner alone and open it unbuffered, locked as long as it is open.

    Raises OSError.
    """
    file = os.fdopen(os.open(path, NEW_FILE, 0o600), "r+b", buffering=0)
    with suppress(OSError):  # a file system without locks
        try_lock(file.fileno())
    return file


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of `data` to an unbuffered file or pipe, which may take less at a time.

    A disk that is nearly full takes a part of the data and refuses the rest; a pipe takes a part
    where a signal arrives meanwhile. Raises OSError.
    """
    rest = memoryview(data)
    while rest:
        written = file.write(rest)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]
