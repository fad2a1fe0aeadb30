"""Outputs: a file that appears complete or not at all, a device, stdout."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from stepcli.cli.streams import is_closed_pipe
from stepcli.cli.terminal import Terminal
from stepcli.errors import OutputError, UsageError
from stepcli.sound import PCM, AudioFormat, Sink

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

S = TypeVar("S", bound=Sink)

STDOUT = "-"


class Output(Sink, Protocol):
    """A target for bytes: ``write`` as they are, or let an encoder write to ``file``."""

    name: str
    file: BinaryIO


def open_output(target: str, terminal: Terminal, *, binary: bool = True) -> Output:
    """The output that ``target`` names: a path, or ``-`` for stdout.

    Raises UsageError for a target that cannot be written, before anything is spent on it, and for
    ``binary`` bytes on a terminal.
    """
    if target == STDOUT:
        return Stdout(terminal, binary=binary)
    path = Path(target)
    return WholeFile(path) if _is_replaceable(path) else Device(path)


def check_output(target: str, terminal: Terminal) -> None:
    """Raises what ``open_output`` would, without opening what a reader may wait for."""
    if target == STDOUT:
        Stdout(terminal, binary=True)
    elif _is_replaceable(Path(target)):
        WholeFile(Path(target)).abort()


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

    def __init__(self, path: Path) -> None:
        self.name = str(path)
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
        path = _free_name(self._target)
        self._appear_as(path)
        return path

    def _appear_as(self, path: Path) -> None:
        with blamed(self.name):
            self.file.close()
            self._part.chmod(_mode_for(self._target))
            self._part.replace(path)

    def abort(self) -> None:
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._part.unlink()


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
    try:
        number, name = tempfile.mkstemp(dir=target.parent, prefix=".stepcli-", suffix=".part")
        os.close(number)
        return Path(name)
    except OSError as exc:
        raise UsageError(f"cannot write {named}: {exc.strerror}") from None


def _free_name(target: Path) -> Path:
    names = (f"{target.stem}.partial{number}{target.suffix}" for number in ("", *range(2, 1000)))
    paths = (target.with_name(name) for name in names)
    return next((path for path in paths if not path.exists()), target.with_suffix(".partial"))


def _mode_for(target: Path) -> int:
    """The mode of the file that is replaced, or what a new file would get."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


@contextmanager
def blamed(name: object) -> Iterator[None]:
    """Turns an OSError into the OutputError of the output called ``name``."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise OutputError(f"cannot write {name}: {exc.strerror or exc}") from exc
