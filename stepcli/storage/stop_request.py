"""A lock of a running process, through which another one asks it to stop.

The system releases the lock of a process that crashes, so that it never has to be removed. A
request is a byte after the one that Windows locks, so that it can be written there too.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from stepcli.errors import OutputError
from stepcli.storage.directories import make_private, try_lock
from stepcli.storage.os_errors import os_errors_as

_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)

_SAME_SECONDS = 0.3
"""Seconds after a request in which another one is the same: a key that bounces, or two at once."""


class StoppableLock:
    """The lock on a file that this process holds until `release`."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def take(cls, path: Path) -> StoppableLock | None:
        """Return the lock on `path`; None where another process holds it, which is asked to stop.

        Return None also if it was asked so shortly before that this is the same request.

        Raise OutputError where files cannot be written or locked.
        """
        with os_errors_as(OutputError, f"cannot lock {path}"):
            make_private(path.parent)
            lock = cls(os.open(path, _OPEN, 0o600))
            try:
                if lock._acquire():
                    return lock
            except OSError:
                lock.release()
                raise
            lock.release()
            return None

    def _acquire(self) -> bool:
        """Return whether the lock is taken; leave a request if another process has it."""
        assert self._handle is not None
        if not try_lock(self._handle):
            os.lseek(self._handle, 1, os.SEEK_SET)
            os.write(self._handle, b"\n")
            return False
        if self.stop_requested and time.time() - os.fstat(self._handle).st_mtime < _SAME_SECONDS:
            return False
        os.ftruncate(self._handle, 0)
        return True

    @property
    def stop_requested(self) -> bool:
        """Whether another process has asked this one to stop."""
        return self._handle is not None and os.fstat(self._handle).st_size > 0

    def release(self) -> None:
        """Let another process take the lock."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                os.close(handle)
