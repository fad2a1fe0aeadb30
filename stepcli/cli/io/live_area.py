"""Lines at the bottom of a terminal that are drawn again and again, and messages above them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from shutil import get_terminal_size
from typing import TextIO

from stepcli.text.scripts import columns, cut

_ERASE_RIGHT, _ERASE_BELOW = "\x1b[K", "\x1b[J"
_FAINT, _NORMAL = "\x1b[2m", "\x1b[22m"


class LiveArea:
    """The live lines on ``stream``. Safe to share between threads.

    Lines are cut to the width of the terminal, because one that wraps cannot be erased by moving
    to its start. After a resize, terminals wrap what was drawn before, so the rows to erase are
    counted with the width of that moment.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._drawn: list[str] = []
        self._faint = 0

    @property
    def width(self) -> int:
        """The columns of the terminal that a line can use; Ctrl-C is shown behind it as ^C."""
        return max(1, get_terminal_size().columns - 3)

    def show(self, lines: Sequence[str], faint: int = 0) -> None:
        """Replace what is drawn by ``lines``; remove it if there are none.

        The last ``faint`` characters are faint. New lines overwrite the old ones before the rest is
        erased, and nothing is written if they are the same, so that they do not flicker.
        """
        with self._lock:
            shown = [cut(line, self.width) for line in lines]
            if (shown, faint) != (self._drawn, self._faint):
                right, below = (_ERASE_RIGHT, _ERASE_BELOW) if self._drawn else ("", "")
                text = f"{right}\n".join(_with_faint_end(shown, faint))
                self._write(self._to_start() + text + below)
            self._drawn, self._faint = shown, faint

    def above(self, write: Callable[[], None]) -> None:
        """Call ``write``, which writes whole lines to the terminal, and draw again below them."""
        with self._lock:
            drawn, faint = self._drawn, self._faint
            self.show([])
            write()
            self.show(drawn, faint)

    def _to_start(self) -> str:
        """Return what moves the cursor to the start of what is drawn."""
        if not self._drawn:
            return ""
        width = get_terminal_size().columns or 1
        rows = sum(max(1, -(-columns(line) // width)) for line in self._drawn)
        up = f"\x1b[{rows - 1}A" if rows > 1 else ""
        return f"\r{up}"

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def _with_faint_end(lines: Sequence[str], faint: int) -> list[str]:
    if not faint:
        return list(lines)
    *others, last = lines
    return [*others, f"{last[:-faint]}{_FAINT}{last[-faint:]}{_NORMAL}"]
