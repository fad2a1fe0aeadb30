"""Map the OSErrors of file operations to the errors that a run reports."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from stepcli.errors import OutputError, StepcliError

_HINTS = {
    errno.ENOSPC: "free some disk space, or choose another disk",
    errno.EDQUOT: "your disk quota is used up: free some space, or choose another disk",
    errno.EFBIG: "the file-size limit was reached: see ulimit -f",
    errno.EROFS: "the disk is mounted read-only: choose another one",
    errno.EMFILE: "raise the limit on open files: ulimit -n",
}


def reason(error: OSError) -> str:
    """Return the system's description of `error`, without its number and file names."""
    return error.strerror or str(error)


def hint_for(error: OSError) -> str | None:
    """Return what the user can do about `error`, if it depends on the system alone."""
    return _HINTS.get(error.errno) if error.errno else None


@contextmanager
def os_errors_as(error: type[StepcliError], message: str) -> Iterator[None]:
    """Raise `error` with `message` and the reason where the block raises an OSError.

    BrokenPipeError passes: a closed pipe ends a run quietly.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise error(f"{message}: {reason(exc)}", hint=hint_for(exc)) from exc


@contextmanager
def output_errors(name: object) -> Iterator[None]:
    """Raise OutputError where writing the output called `name` fails."""
    with os_errors_as(OutputError, f"cannot write {name}"):
        yield
