"""Private directories, their expiry, and locks between processes."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

KEPT_SECONDS = 7 * 24 * 3600.0
"""Age at which unfinished work expires."""
_POLL_SECONDS = 0.1
_STALE_SECONDS = 3600.0
NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""The flags with which a file of our own is created."""
_READ_WRITE = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


def make_private(directory: Path) -> None:
    """Create `directory` and its missing parents with mode 0700. Raises OSError."""
    with suppress(FileExistsError):
        if not directory.parent.is_dir():
            make_private(directory.parent)
        directory.mkdir(mode=0o700)


def remove_expired(directory: Path, pattern: str = "*", now: float | None = None) -> None:
    """Remove entries of `directory` matching `pattern` that have not changed for a week."""
    oldest = (now or time.time()) - KEPT_SECONDS
    with suppress(OSError):
        for path in directory.glob(pattern):
            with suppress(OSError):
                if path.lstat().st_mtime < oldest:
                    remove(path)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole directory; do nothing where that fails."""
    with suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            from shutil import rmtree

            rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def remove_stale(path: Path) -> None:
    """Remove a file that its run keeps locked, unless that run is still active.

    Windows has no such locks, but removes no file that is open. Raises OSError where the file is
    in use, belongs to another user, or cannot be locked.
    """
    if sys.platform == "win32":
        if path.stat().st_mtime < time.time() - _STALE_SECONDS:
            path.unlink()
        return
    with locked_now(path) as locked:
        if locked:
            path.unlink()


def open_regular(path: Path) -> BinaryIO:
    """Open a file of our own for reading, unbuffered.

    Raises OSError for anything but a regular file; opening a FIFO would wait for a writer.
    """
    handle = os.open(path, _READ_ONLY)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return os.fdopen(handle, "rb", buffering=0)


def try_lock(handle: int, *, shared: bool = False) -> bool:
    """Lock an open file without waiting; return False where another process holds the lock.

    The system releases the lock when the file is closed, also when the process is killed. Raises
    OSError on platforms and file systems without locks. Windows has exclusive locks only.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    try:
        import fcntl
    except ImportError as exc:
        raise OSError("file locks are not supported on this platform") from exc

    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked_now(path: Path) -> Iterator[bool]:
    """Try to lock the existing file `path` for the block; yield whether no other process has it.

    Raises OSError where the file does not exist or cannot be locked.
    """
    handle = os.open(path, _READ_WRITE)
    try:
        yield try_lock(handle)
    finally:
        os.close(handle)


@contextmanager
def exclusive_lock(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[bool]:
    """Hold an exclusive lock on the file `path`, which exists only while it is locked.

    Waits, after calling `on_wait` once, while another process or thread holds the lock. Where
    no lock can be taken (a read-only or a remote file system) the block runs without one.
    Yields whether it is locked.
    """
    handle = _acquire(path, on_wait)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            _release(path, handle)


def _acquire(path: Path, on_wait: Callable[[], None]) -> int | None:
    waiting = False
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return None
        try:
            locked = try_lock(handle)
            if locked and _is_at(path, handle):
                return handle
        except OSError:
            os.close(handle)
            return None
        os.close(handle)
        if locked:
            continue  # the file was removed before it could be locked
        if not waiting:
            waiting = True
            on_wait()
        time.sleep(_POLL_SECONDS)


def _release(path: Path, handle: int) -> None:
    """Remove the file while it is locked; Windows can remove it only when it is closed."""
    if sys.platform == "win32":
        os.close(handle)
    with suppress(OSError):
        path.unlink()
    if sys.platform != "win32":
        os.close(handle)


def _is_at(path: Path, handle: int) -> bool:
    """Return whether `path` still names the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
