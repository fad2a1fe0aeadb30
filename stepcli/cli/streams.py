"""The standard streams as the rest may expect them: all there, and taking any character."""

from __future__ import annotations

import codecs
import io
import os
import sys

_ANY = "stepcli"
"""The name of the error handler for what a stream's encoding does not have."""


def prepare() -> None:
    """To be called before anything is opened, which would else become a stream that was closed.

    A stdin that the caller closed is empty, a stderr nobody's; what is written to a closed stdout
    fails as it does for any program. A character that stdout's encoding lacks is written as an
    escape, and a byte of a file's name that is no character as that byte.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _stand_in(number))
    codecs.register_error(_ANY, _written_somehow)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=_ANY)


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


def put(text: str) -> int:
    """Write ``text`` to stdout and nothing more; the exit code."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as exc:
        forget_stdout()
        if isinstance(exc, BrokenPipeError):
            return 0
        sys.stderr.write(f"stepcli: error: cannot write to stdout: {exc.strerror}\n")
        return 8
    return 0


def forget_stdout() -> None:
    """What cannot be written any more the interpreter is not to try again, and fail, at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
