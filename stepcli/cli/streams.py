"""The standard streams, all there and the same everywhere: UTF-8 in pipes, colour on terminals."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from contextlib import suppress

_ANY = "stepcli"
"""The name of the error handler for what a stream's encoding does not have."""


def prepare() -> None:
    """Make the result the same bytes on every system; a terminal shows what it can.

    To be called before anything is opened, which would else take the place of a stream that the
    caller closed: a closed stdin is empty, a closed stderr nobody's, and what is written to a
    closed stdout fails as it does for any program. A byte of a file's name that is no character is
    written as that byte, a character that a terminal lacks as an escape.

    Left alone, a Windows pipe has the system's code page, which lacks most of what can be said,
    and lines that end in CR LF.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _stand_in(number))
    codecs.register_error(_ANY, _written_somehow)
    for stream, errors in ((sys.stdout, _ANY), (sys.stderr, "backslashreplace")):
        if not isinstance(stream, io.TextIOWrapper) or stream.closed:
            continue
        if stream.isatty():
            stream.reconfigure(errors=errors)
            _obey_sequences(stream)
        else:
            stream.reconfigure(encoding="utf-8", errors=errors, newline="\n")


def is_closed_pipe(error: OSError) -> bool:
    """Whether nobody reads any more; Windows calls that an invalid argument."""
    if isinstance(error, BrokenPipeError):
        return True
    return sys.platform == "win32" and error.errno == errno.EINVAL


def _obey_sequences(stream: io.TextIOWrapper) -> None:
    """Let a Windows console obey control sequences, as Windows Terminal does by itself."""
    if sys.platform != "win32":
        return
    import ctypes
    import msvcrt

    processed, virtual_terminal = 0x1, 0x4  # consoleapi.h: ENABLE_…_OUTPUT, ENABLE_…_PROCESSING
    with suppress(OSError):
        console = msvcrt.get_osfhandle(stream.fileno())
        mode = ctypes.c_ulong()
        if ctypes.windll.kernel32.GetConsoleMode(console, ctypes.byref(mode)):
            wanted = mode.value | processed | virtual_terminal
            ctypes.windll.kernel32.SetConsoleMode(console, wanted)


def forget_stdout() -> None:
    """What cannot be written any more the interpreter is not to try again, and fail, at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)


def _stand_in(number: int) -> io.TextIOWrapper:
    opened = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    os.set_inheritable(number, True)
    file = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
    assert isinstance(file, io.TextIOWrapper)
    return file


def _written_somehow(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    if "\udc80" <= error.object[error.start] <= "\udcff":
        return codecs.lookup_error("surrogateescape")(error)
    return codecs.lookup_error("backslashreplace")(error)
