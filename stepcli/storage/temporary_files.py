"""Temporary files, none of which outlives the run; those of killed runs are removed later."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from stepcli.errors import OutputError
from stepcli.storage.directories import NEW_FILE, remove_stale, try_lock
from stepcli.storage.os_errors import os_errors_as

_PREFIX, _SUFFIX = ".stepcli-", ".part"
_ATTEMPTS = 3


class TemporaryFile:
    """A new file, open for reading and writing, that only its owner can read.

    It is locked as long as it is open: `TemporaryFiles` tells by that whether its run lives.
    """

    def __init__(self, path: Path, owner: TemporaryFiles) -> None:
        """Raise FileNotFoundError if another run took the new file for a stale one."""
        self.path = path
        self._owner = owner
        handle = os.open(path, NEW_FILE, 0o600)
        self.file: BinaryIO = os.fdopen(handle, "r+b")
        if sys.platform == "win32":  # which cannot remove a file that is open
            return
        locked = True
        with suppress(OSError):  # a file system without locks
            locked = try_lock(handle)
        if not locked or not os.fstat(handle).st_nlink:
            self.remove()
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def rename(self, target: Path, mode: int) -> None:
        """Close the file and move it to `target`, replacing what is there. Raises OSError."""
        with self._still_locked():
            self.file.close()
            self.path.chmod(mode)
            self.path.replace(target)
        self._owner.forget(self.path)

    def remove(self) -> None:
        """Close and remove the file."""
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self.path.unlink()
        self._owner.forget(self.path)

    @contextmanager
    def _still_locked(self) -> Iterator[None]:
        """Keep the lock after the file is closed: it lasts as long as a duplicate is open."""
        with ExitStack() as stack:
            if sys.platform != "win32":
                with suppress(OSError, ValueError):
                    stack.callback(os.close, os.dup(self.file.fileno()))
            yield


class TemporaryFiles:
    """The temporary files of this process, which `remove_all` removes at the end of a run."""

    def __init__(self) -> None:
        self._turn = threading.RLock()
        self._paths: set[Path] = set()
        self._cleaned: set[Path] = set()
        self._closed = False

    def open(self) -> None:
        """Begin a run."""
        with self._turn:
            self._closed = False
            self._cleaned.clear()

    def create(self, directory: Path) -> TemporaryFile:
        """Return a new file in `directory` with a random name.

        Raises OSError where none can be created, or after `remove_all`.
        """
        with self._turn:
            if self._closed:
                raise InterruptedError(errno.EINTR, "the run is over")
            self._remove_stale(directory)
            for _ in range(_ATTEMPTS):
                with suppress(FileNotFoundError):
                    return self._create(directory)
            return self._create(directory)

    def _create(self, directory: Path) -> TemporaryFile:
        path = directory / f"{_PREFIX}{os.urandom(8).hex()}{_SUFFIX}"
        self._paths.add(path)
        try:
            return TemporaryFile(path, self)
        except OSError:
            self._paths.discard(path)
            raise

    def adopt(self, path: Path) -> None:
        """Remove `path`, which the caller has created, at the end of the run as well."""
        with self._turn:
            self._paths.add(path)
            if self._closed:
                with suppress(OSError):
                    path.unlink()

    def forget(self, path: Path) -> None:
        """Leave `path` alone: it was renamed or removed."""
        with self._turn:
            self._paths.discard(path)

    def remove_all(self) -> None:
        """End the run: remove its files and refuse new ones to threads that still work."""
        with self._turn:
            self._closed = True
            for path in self._paths:
                with suppress(OSError):
                    path.unlink()
            self._paths.clear()

    def _remove_stale(self, directory: Path) -> None:
        """Remove what killed runs left in `directory`; look once in a run."""
        if directory in self._cleaned:
            return
        self._cleaned.add(directory)
        with suppress(OSError), os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX):
                    with suppress(OSError):
                        remove_stale(Path(entry.path))


temporary_files = TemporaryFiles()
"""Those of this process."""


def temporary_directory() -> Path:
    """Return the system's directory for temporary files. Raises OSError."""
    from tempfile import gettempdir

    return Path(gettempdir())


def fallback_directory() -> Path | None:
    """Return the system's directory for temporary files, or None if no such directory is usable."""
    with suppress(OSError):
        return temporary_directory()
    return None


def new_temporary_file() -> TemporaryFile:
    """Return a new file in the system's directory for temporary files. Raises OutputError."""
    with os_errors_as(OutputError, "cannot create a temporary file"):
        return temporary_files.create(temporary_directory())


def anonymous_file() -> IO[bytes]:
    """Return a new temporary file without a name. Raises OutputError."""
    from tempfile import TemporaryFile as AnonymousFile

    with os_errors_as(OutputError, "cannot create a temporary file"):
        return AnonymousFile()
