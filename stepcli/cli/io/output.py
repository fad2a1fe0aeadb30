"""Outputs of a command: a file that appears complete or not at all, a device, or stdout."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from stepcli.audio_types import PCM, AudioFormat, Sink
from stepcli.cli.io.terminal import Terminal, is_closed_pipe
from stepcli.errors import UsageError
from stepcli.storage.atomic_file import AtomicFile, real_path
from stepcli.storage.os_errors import os_errors_as, output_errors, reason

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Format = TypeVar("Format")

STDOUT = "-"


class Output(Sink, Protocol):
    """A target for bytes: `write` them, or let an encoder write to `file`."""

    name: str
    file: BinaryIO


def open_output(target: str, terminal: Terminal, *, binary: bool = True) -> Output:
    """Open the output that `target` names: a path, or `-` for stdout.

    Raises UsageError where it cannot be written, and for `binary` data on a terminal.
    """
    if target == STDOUT:
        return Stdout(terminal, binary=binary)
    return open_file(target, terminal.info)


def open_file(path: str, notify: Callable[[str], None] = lambda _: None) -> Output:
    """Open the file `path`. Raises UsageError where it cannot be written."""
    return (
        AtomicFile(Path(path), notify=notify) if _is_replaceable(path) else DirectOutput(Path(path))
    )


def check_output(target: str, terminal: Terminal) -> None:
    """Raise what `open_output` would raise, without opening a FIFO that a reader waits for."""
    if target == STDOUT:
        Stdout(terminal, binary=True)
    else:
        check_file(target)


def check_file(path: str) -> None:
    """Raise what `open_file` would raise, without opening a FIFO that a reader waits for."""
    if _is_replaceable(path):
        AtomicFile(Path(path)).abort()


def check_apart(target: str | None, other: str | Path | None, what: str) -> None:
    """Raise UsageError where `target` would overwrite the file `other`, described as `what`."""
    if target is None or target == STDOUT or other is None:
        return
    place = real_path(target)
    regular = os.path.isfile(place) or not os.path.exists(place)  # noqa: PTH110, PTH113 - never raise
    if regular and place == real_path(other):
        raise UsageError(f"the output would overwrite {what}: {target}")


def format_of_output(
    target: str, known: Mapping[str, Format], force: str | None = None
) -> Format | None:
    """Return the format in ``known`` for the extension of ``target``; None if it has none.

    Raise UsageError for another extension. ``force`` is the option that makes it acceptable.
    """
    suffix = PurePath(target).suffix.lower()
    if suffix in known or not suffix[1:].isalnum():
        return known.get(suffix)
    hint = f"use {', '.join(known)}"
    raise UsageError(
        f"cannot write {target}: {suffix} is not a supported format",
        hint=f"{hint}; or choose the format with {force}" if force else hint,
    )


def output_format(
    choice: Format | None,
    target: str | None,
    known: Mapping[str, Format],
    *,
    is_given: bool,
    force: str,
) -> Format | None:
    """Return the format of ``target``: the ``choice`` of --format, or that of the extension.

    A choice that is not given on the command line is a default, which the extension overrides.
    Raise UsageError for an unknown extension; ``force`` is the option that makes it acceptable.
    """
    if target is None or (is_given and choice is not None):
        return choice
    return format_of_output(target, known, force) or choice


def output_directory(directory: Path) -> None:
    """Create `directory` if it is missing. Raise UsageError where no files can be added to it."""
    with os_errors_as(UsageError, f"cannot create the directory {directory}"):
        directory.mkdir(parents=True, exist_ok=True)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write into {directory}: {os.strerror(errno.EACCES)}")


def encoded(text: str) -> bytes:
    """Return `text` in UTF-8, with file names that are not UTF-8 as the bytes that they are."""
    return text.encode(errors="surrogateescape")


class EncodedOutput:
    """A sink of PCM that encodes it into `output`, complete or not at all.

    In the output, the sound begins after `delay` seconds.
    """

    def __init__(self, output: Output, format: AudioFormat, pcm: PCM) -> None:
        self.empty = True
        self._output = output
        try:
            with output_errors(output.name):
                from stepcli.audio.encoder import delay, open_encoder

                self.delay = delay(output.file, format, pcm)
                self._encoder = open_encoder(output.file, format, pcm)
        except BaseException:
            output.abort()
            raise

    def write(self, data: bytes) -> None:
        """Encode whole s16le frames. Raises OutputError."""
        self.empty = False
        with output_errors(self._output.name):
            self._encoder.write(data)

    def close(self) -> None:
        """Complete the output. Raises OutputError."""
        with output_errors(self._output.name):
            self._encoder.close()
        self._output.close()

    def set_aside(self) -> Path | None:
        """Complete what there is under another name, and return it; None where there is nothing.

        A device or stdout keeps what was written to it.
        """
        if self.empty or not isinstance(self._output, AtomicFile):
            self.abort()
            return None
        with output_errors(self._output.name):
            self._encoder.close()
        return self._output.set_aside()

    def abort(self) -> None:
        """Discard the output."""
        with suppress(OSError):
            self._encoder.abort()
        self._output.abort()


def _is_replaceable(target: str) -> bool:
    """Return whether `target` is, or will be, a regular file; a FIFO is written in place.

    Raises UsageError for a read-only file, although it could be replaced.
    """
    if not target or target.endswith(("/", os.sep)):
        raise UsageError(f"cannot write {target or 'a file without a name'}: it is not a file name")
    try:
        mode = os.stat(target).st_mode  # noqa: PTH116 - Path drops what ends in "/."
    except FileNotFoundError:
        return True
    except (OSError, ValueError) as exc:
        why = reason(exc) if isinstance(exc, OSError) else exc
        raise UsageError(f"cannot write {target}: {why}") from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"cannot write {target}: it is a directory")
    if stat.S_ISREG(mode) and not os.access(target, os.W_OK):
        raise UsageError(f"cannot write {target}: it is read-only")
    return stat.S_ISREG(mode)


class DirectOutput:
    """A FIFO, a terminal or another target that cannot be replaced, written as data arrives."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        with os_errors_as(UsageError, f"cannot write {path}"):
            self.file: BinaryIO = _Unbuffered(io.FileIO(path, "w"))

    def write(self, data: bytes) -> None:
        """Write all of `data` at once. Raises OutputError."""
        with output_errors(self.name):
            self.file.write(data)

    def close(self) -> None:
        with output_errors(self.name):
            self.file.close()

    def abort(self) -> None:
        with suppress(OSError):
            self.file.close()


class Stdout:
    """stdout, written as data comes; what was written cannot be taken back."""

    def __init__(self, terminal: Terminal, *, binary: bool) -> None:
        if binary and terminal.stdout_is_terminal:
            raise UsageError(
                "refusing to write audio to a terminal", hint="redirect stdout, or use -o FILE"
            )
        self.name = "stdout"
        terminal.stdout.flush()
        terminal.check_stdout()
        self.file: BinaryIO = _Unbuffered(io.FileIO(terminal.stdout.fileno(), "w", closefd=False))

    def write(self, data: bytes) -> None:
        """Write all of `data` at once. Raises OutputError."""
        with output_errors(self.name):
            self.file.write(data)

    def close(self) -> None:
        """Do nothing: stdout belongs to the process."""

    abort = close


class _Unbuffered(io.BufferedWriter):
    """A file that is flushed after each write and cannot seek."""

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
