"""Outputs: a file that appears complete or not at all, a device, stdout."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from stepcli import storage
from stepcli.audio_types import PCM, AudioFormat, Sink
from stepcli.cli.io.terminal import Terminal, is_closed_pipe
from stepcli.errors import OutputError, UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

S = TypeVar("S", bound=Sink)

STDOUT = "-"


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_MASK = _mask()
"""Once and for all: to ask for it is to change it, which threads would do to each other."""


class Output(Sink, Protocol):
    """A target for bytes: ``write`` as they are, or let an encoder write to ``file``."""

    name: str
    file: BinaryIO


def open_output(
    target: str, terminal: Terminal, *, binary: bool = True, private: bool = False
) -> Output:
    """The output that ``target`` names: a path, or ``-`` for stdout.

    A new file that is ``private`` only its owner can read. Raises UsageError for a target that
    cannot be written, before anything is spent on it, and for ``binary`` bytes on a terminal.
    """
    if target == STDOUT:
        return Stdout(terminal, binary=binary)
    path = Path(target)
    return WholeFile(path, private=private) if _is_replaceable(target) else Device(path)


def check_apart(target: str | None, other: str | Path | None, what: str) -> None:
    """Raises UsageError where ``target`` would overwrite ``other``, which is ``what``."""
    if target is None or target == STDOUT or other is None:
        return
    place = Path(os.path.realpath(target))
    regular = place.is_file() or not place.exists()
    if regular and place == Path(os.path.realpath(other)):
        raise UsageError(f"the output would overwrite {what}: {target}")


def check_output(target: str, terminal: Terminal) -> None:
    """Raises what ``open_output`` would, without opening what a reader may wait for."""
    if target == STDOUT:
        Stdout(terminal, binary=True)
    elif _is_replaceable(target):
        WholeFile(Path(target)).abort()


def output_directory(directory: Path) -> None:
    """Make ``directory`` if need be. Raises UsageError where files could not be put into it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(f"cannot make the directory {directory}: {exc.strerror}") from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write into {directory}: {os.strerror(errno.EACCES)}")


class EncodedOutput:
    """A sink of PCM that writes ``output`` in a format of its own, complete or not at all."""

    def __init__(self, output: Output, format: AudioFormat, pcm: PCM) -> None:
        from stepcli.audio.encoder import encoder

        self.empty = True
        self._output = output
        with blamed(output.name):
            self._encoder = encoder(output.file, format, pcm)

    def write(self, data: bytes) -> None:
        self.empty = False
        with blamed(self._output.name):
            self._encoder.write(data)

    def close(self) -> None:
        with blamed(self._output.name):
            self._encoder.close()
        self._output.close()

    def set_aside(self) -> Path | None:
        """Complete what there is under another name than the target's; None if nothing is.

        A target that cannot be replaced has what it has.
        """
        if self.empty or not isinstance(self._output, WholeFile):
            self.abort()
            return None
        with blamed(self._output.name):
            self._encoder.close()
        return self._output.set_aside()

    def abort(self) -> None:
        with suppress(OSError):
            self._encoder.abort()
        self._output.abort()


def _is_replaceable(target: str) -> bool:
    """Whether ``target`` is, or will be, a regular file; a FIFO or /dev/null is written in place.

    A file that its owner has made read-only is left alone, although it could be replaced.
    """
    if not target or target.endswith(("/", os.sep)):
        raise UsageError(f"cannot write {target or 'a file without a name'}: it names no file")
    try:
        mode = os.stat(target).st_mode  # noqa: PTH116 - Path drops what ends in "/."
    except FileNotFoundError:
        return True
    except (OSError, ValueError) as exc:
        raise UsageError(f"cannot write {target}: {getattr(exc, 'strerror', exc)}") from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"cannot write {target}: it is a directory")
    if stat.S_ISREG(mode) and not os.access(target, os.W_OK):
        raise UsageError(f"cannot write {target}: it is read-only")
    return stat.S_ISREG(mode)


class WholeFile:
    """Written beside the target and renamed over it by ``close``; a failed run leaves no trace."""

    def __init__(self, path: Path, *, private: bool = False) -> None:
        self.name = str(path)
        self._private = private
        self._target = Path(os.path.realpath(path))
        self._part = _temporary_beside(self._target, path)
        self.file: BinaryIO = self._part.open("r+b")

    def write(self, data: bytes) -> None:
        with blamed(self.name):
            self.file.write(data)

    def close(self) -> None:
        self._appear_as(self._target)

    def set_aside(self) -> Path:
        """Complete the file beside the target, which stays as it was: ``name.partial.ext``."""
        with blamed(self.name):
            path = _taken_name(self._target)
        self._appear_as(path)
        return path

    def _appear_as(self, path: Path) -> None:
        with blamed(self.name):
            self.file.close()
            self._part.chmod(_mode_for(self._target, private=self._private))
            self._part.replace(path)
        storage.done_with(self._part)

    def abort(self) -> None:
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._part.unlink()
        storage.done_with(self._part)


class Device:
    """A FIFO, a terminal or another thing that cannot be replaced: written as it comes."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            self.file: BinaryIO = _Forward(io.FileIO(path, "w"))
        except OSError as exc:
            raise UsageError(f"cannot write {path}: {exc.strerror}") from None

    def write(self, data: bytes) -> None:
        with blamed(self.name):
            self.file.write(data)

    def close(self) -> None:
        with blamed(self.name):
            self.file.close()

    def abort(self) -> None:
        with suppress(OSError):
            self.file.close()


class Stdout:
    """Bytes on stdout, each block as soon as it is there. What was written cannot be taken back."""

    def __init__(self, terminal: Terminal, *, binary: bool) -> None:
        if binary and terminal.stdout_is_terminal:
            raise UsageError(
                "stdout is a terminal, which cannot show sound", hint="redirect it, or name a FILE"
            )
        self.name = "stdout"
        terminal.stdout.flush()
        terminal.check_stdout()
        self.file: BinaryIO = _Forward(io.FileIO(terminal.stdout.fileno(), "w", closefd=False))

    def write(self, data: bytes) -> None:
        with blamed(self.name):
            self.file.write(data)

    def close(self) -> None:
        """Nothing is held back."""

    abort = close


class _Forward(io.BufferedWriter):
    """A file that holds nothing back and is never written but at its end."""

    def seekable(self) -> bool:
        return False

    def write(self, data: ReadableBuffer) -> int:
        try:
            size = super().write(data)
            self.flush()
        except OSError as exc:
            if is_closed_pipe(exc):
                raise BrokenPipeError from exc
            raise
        return size


@contextmanager
def completed(sink: S) -> Iterator[S]:
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
    if len(os.fsencode(target.name)) > _longest_name(target.parent):
        raise UsageError(f"cannot write {named}: {os.strerror(errno.ENAMETOOLONG)}")
    try:
        return storage.temporary(target.parent)
    except OSError as exc:
        raise UsageError(f"cannot write {named}: {exc.strerror}") from None


def _longest_name(directory: Path) -> int:
    """In bytes."""
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            return os.pathconf(directory, "PC_NAME_MAX")
    return 255


def _taken_name(target: Path) -> Path:
    """A name beside ``target`` that nobody had, nor can have any more."""
    for number in ("", *range(2, 1000)):
        path = target.with_name(f"{target.stem}.partial{number}{target.suffix}")
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
            return path
    return target.with_suffix(".partial")


def _mode_for(target: Path, *, private: bool) -> int:
    """The mode of the file that is replaced, or what a new file would get."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        return 0o600 if private else 0o666 & ~_MASK


@contextmanager
def blamed(name: object) -> Iterator[None]:
    """Turns an OSError into the OutputError of the output called ``name``."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise OutputError(f"cannot write {name}: {exc.strerror or exc}") from exc
