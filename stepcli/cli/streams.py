"""stdout and stderr made the same everywhere: UTF-8 in pipes and files, colour on any terminal."""

from __future__ import annotations

import errno
import io
import sys
from contextlib import suppress


def prepare() -> None:
    """Make the result the same bytes on every system; a terminal shows what it can.

    Left alone, a Windows pipe has the system's code page, which lacks most of what can be said,
    and lines that end in CR LF.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper) or stream.closed:
            continue
        if stream.isatty():
            stream.reconfigure(errors="backslashreplace")
            _obey_sequences(stream)
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


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
