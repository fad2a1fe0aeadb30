"""Files that appear complete or not at all."""

from __future__ import annotations

import errno
import os
import shlex
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from stepcli.errors import OutputError, StepcliError, UsageError
from stepcli.storage.directories import make_private
from stepcli.storage.os_errors import os_errors_as, output_errors
from stepcli.storage.temporary_files import temporary_files


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_UMASK = _umask()
"""Read once: reading it means changing it, which is not safe in threads."""
_NOT_REPLACEABLE = (errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES)
"""Reasons for which an existing file cannot be renamed over, such as being a mount point."""


class AtomicFile:
    """A file that is written beside its target and renamed over it by `close`.

    A failed run leaves the target as it was. A target that cannot be replaced, such as a
    mounted file, is written in place by `close`, after `notify` said so. A `private` file is
    one of our own, which only its owner can read; any other keeps the mode that it had.

    Raises UsageError, or OutputError for a private file, where `path` cannot be written.
    """

    def __init__(
        self, path: Path, *, private: bool = False, notify: Callable[[str], None] = lambda _: None
    ) -> None:
        self.name = str(path)
        self._private = private
        self._notify = notify
        self._target = real_path(path)
        error = OutputError if private else UsageError
        self._check_name(error)
        with os_errors_as(error, f"cannot write {self.name}"):
            self._temporary = temporary_files.create(self._target.parent)
        self.file = self._temporary.file

    def write(self, data: bytes) -> None:
        """Append `data`. Raises OutputError."""
        with output_errors(self.name):
            self.file.write(data)

    def close(self) -> None:
        """Complete the file under its name. Raises OutputError."""
        self._publish(self._target)

    def set_aside(self) -> Path:
        """Complete the file under another name, `NAME.partial.EXT`, which is returned."""
        with output_errors(self.name):
            path = _unused_name(self._target)
        self._publish(path)
        return path

    def abort(self) -> None:
        """Discard what was written."""
        self._temporary.remove()

    def _publish(self, path: Path) -> None:
        with output_errors(self.name):
            try:
                self._temporary.rename(path, self._mode())
            except OSError as exc:
                if exc.errno not in _NOT_REPLACEABLE or not path.is_file():
                    raise
                self._overwrite(path)

    def _overwrite(self, path: Path) -> None:
        """Copy the complete file into `path`."""
        self._notify(f"{self.name} cannot be replaced, so it is overwritten in place")
        from shutil import copyfileobj

        with self._temporary.path.open("rb") as source, path.open("r+b") as target:
            copyfileobj(source, target)
            target.truncate()
        self._temporary.remove()

    def _check_name(self, error: type[StepcliError]) -> None:
        directory = self._target.parent
        if not directory.is_dir():
            raise error(
                f"cannot write {self.name}: no such directory: {directory}",
                hint=f"create it: mkdir -p {shlex.quote(str(directory))}",
            )
        if len(os.fsencode(self._target.name)) > _longest_name(directory):
            raise error(f"cannot write {self.name}: {os.strerror(errno.ENAMETOOLONG)}")

    def _mode(self) -> int:
        """Return the mode of the file that is replaced, or the one a new file gets."""
        if self._private:
            return 0o600
        try:
            return stat.S_IMODE(self._target.stat().st_mode)
        except OSError:
            return 0o666 & ~_UMASK


class Closable(Protocol):
    def close(self) -> Any: ...

    def abort(self) -> Any: ...


C = TypeVar("C", bound=Closable)


@contextmanager
def completed(output: C) -> Iterator[C]:
    """Close `output` if the block succeeds and abort it otherwise."""
    try:
        yield output
        output.close()
    except BaseException:
        output.abort()
        raise


def write_private(path: Path, data: bytes) -> None:
    """Replace the private file `path`, creating its directory. Raises OutputError."""
    with output_errors(path):
        make_private(path.parent)
    with completed(AtomicFile(path, private=True)) as file:
        file.write(data)


def real_path(path: str | Path) -> Path:
    """Return `path` absolute and without symbolic links.

    Raises UsageError where it is relative and the current directory was deleted.
    """
    try:
        return Path(os.path.realpath(path))
    except FileNotFoundError:
        raise UsageError(
            f"cannot use {path}: the current directory no longer exists",
            hint="change to another directory, or give an absolute path",
        ) from None


def _longest_name(directory: Path) -> int:
    """Return the length limit of a file name in bytes."""
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            return os.pathconf(directory, "PC_NAME_MAX")
    return 255


def _unused_name(target: Path) -> Path:
    """Create an empty file beside `target` and return its name."""
    longest = _longest_name(target.parent)
    for number in ("", *range(2, 1000)):
        ending = f".partial{number}{target.suffix}"
        stem = os.fsencode(target.stem)[: longest - len(os.fsencode(ending))]
        path = target.with_name(os.fsdecode(stem) + ending)
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
            return path
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
