"""Outputs: a file that appears complete or not at all, or stdout."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from stepcli.cli.terminal import Terminal
from stepcli.errors import OutputError, UsageError
from stepcli.sound import Sink

STDOUT = "-"


def open_output(
    target: str, terminal: Terminal, finish: Callable[[BinaryIO], None] | None = None
) -> Sink:
    """A sink for ``target``, a path or ``-``. ``finish`` sees a file's bytes before it appears.

    Raises UsageError for a target that cannot be written, before anything is spent on it.
    """
    if target == STDOUT:
        return Stdout(terminal)
    path = Path(target)
    return WholeFile(path, finish) if _is_replaceable(path) else Device(path)


def _is_replaceable(path: Path) -> bool:
    """Whether ``path`` is, or will be, a regular file; a FIFO or /dev/null is written in place."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return True
    except OSError as exc:
        raise UsageError(f"cannot write {path}: {exc.strerror}") from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"cannot write {path}: it is a directory")
    return stat.S_ISREG(mode)


class WholeFile:
    """Written beside the target and renamed over it by ``close``; a failed run leaves no trace."""

    def __init__(self, path: Path, finish: Callable[[BinaryIO], None] | None = None) -> None:
        self._path = path
        self._target = Path(os.path.realpath(path))
        self._finish = finish
        self._part = _temporary_beside(self._target, path)
        self._file = self._part.open("r+b")

    def write(self, data: bytes) -> None:
        with _blamed(self._path):
            self._file.write(data)

    def close(self) -> None:
        with _blamed(self._path):
            if self._finish:
                self._finish(self._file)
            self._file.close()
            self._part.chmod(_mode_for(self._target))
            self._part.replace(self._target)

    def abort(self) -> None:
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._part.unlink()


class Device:
    """A FIFO, a terminal or another thing that cannot be replaced: written as it comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as exc:
            raise UsageError(f"cannot write {path}: {exc.strerror}") from None

    def write(self, data: bytes) -> None:
        with _blamed(self._path):
            _write_all(self._file, data)

    def close(self) -> None:
        with _blamed(self._path):
            self._file.close()

    def abort(self) -> None:
        with suppress(OSError):
            self._file.close()


class Stdout:
    """Bytes on stdout, each block as soon as it is there. Raises UsageError for a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        if terminal.stdout_is_terminal:
            raise UsageError(
                "stdout is a terminal, which cannot show sound", hint="redirect it, or name a FILE"
            )
        terminal.stdout.flush()
        self._file = terminal.stdout.buffer

    def write(self, data: bytes) -> None:
        with _blamed("stdout"):
            self._file.write(data)
            self._file.flush()

    def close(self) -> None:
        with _blamed("stdout"):
            self._file.flush()

    def abort(self) -> None:
        """What was written cannot be taken back."""


@contextmanager
def completed(sink: Sink) -> Iterator[Sink]:
    """Closes ``sink`` if all went well and aborts it otherwise."""
    try:
        yield sink
        sink.close()
    except BaseException:
        sink.abort()
        raise


def _temporary_beside(target: Path, named: Path) -> Path:
    if not target.parent.is_dir():
        raise UsageError(f"cannot write {named}: no such directory as {target.parent}")
    try:
        number, name = tempfile.mkstemp(dir=target.parent, prefix=".stepcli-", suffix=".part")
        os.close(number)
        return Path(name)
    except OSError as exc:
        raise UsageError(f"cannot write {named}: {exc.strerror}") from None


def _mode_for(target: Path) -> int:
    """The mode of the file that is replaced, or what a new file would get."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _write_all(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


@contextmanager
def _blamed(name: object) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise OutputError(f"cannot write {name}: {exc.strerror or exc}") from exc
