"""Temporary files beside their targets, none of which outlives the run."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

_turn = threading.RLock()
_unfinished: set[Path] = set()
_over = False


def temporary(directory: Path) -> Path:
    """A new empty file in ``directory`` that only its owner can read.

    Its name cannot be guessed, and nothing that lies there already is followed or opened. Raises
    OSError where there can be none.
    """
    path = directory / f".stepcli-{os.urandom(8).hex()}.part"
    with _turn:
        if _over:
            raise InterruptedError(4, "the run is over")
        _unfinished.add(path)
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            os.close(os.open(path, flags, 0o600))
        except OSError:
            _unfinished.discard(path)
            raise
    return path


def done_with(path: Path) -> None:
    """``path`` has another name by now, or is gone."""
    with _turn:
        _unfinished.discard(path)


def remove_all() -> None:
    """The run is over. Threads that have not noticed yet get no new files."""
    global _over
    with _turn:
        _over = True
        for path in _unfinished:
            with suppress(OSError):
                path.unlink()
