"""Lines at the bottom of a terminal that are drawn again and again, and messages above them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from shutil import get_terminal_size
from typing import NamedTuple, TextIO

from stepcli.text.characters import columns, cut

_ERASE_RIGHT, _ERASE_BELOW = "\x1b[K", "\x1b[J"


class Style(Enum):
    """How characters of a line look: the sequences before and after them."""

    FAINT = ("\x1b[2m", "\x1b[22m")
    REVERSE = ("\x1b[7m", "\x1b[27m")


class Mark(NamedTuple):
    """The characters from ``start`` to ``end`` of a line, counted from 0, in a style."""

    line: int
    start: int
    end: int
    style: Style


class LiveArea:
    """The live lines on ``stream``. Safe to share between threads.

    Lines are cut to the width of the terminal, because one that wraps cannot be erased by moving
    to its start. After a resize, terminals wrap what was drawn before, so the rows to erase are
    counted with the width of that moment. rich.live counts them with the width when they were
    drawn, and leaves rows behind.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._drawn: list[str] = []
        self._marks: list[Mark] = []
        self._columns = 0
        """The columns of the terminal when it was drawn."""

    @property
    def width(self) -> int:
        """The columns of the terminal that a line can use; Ctrl-C is shown behind it as ^C."""
        return max(1, get_terminal_size().columns - 3)

    def show(self, lines: Sequence[str], faint: int = 0, marks: Sequence[Mark] = ()) -> None:
        """Replace what is drawn by ``lines``; remove it if there are none.

        The last ``faint`` characters are faint, and others have the styles of ``marks``. New lines
        overwrite the old ones before the rest is erased, and lines that are the same are not
        written, so that they do not flicker.
        """
        with self._lock:
            shown = [cut(line, self.width) for line in lines]
            styled = [*marks, *_faint_end(shown, faint)]
            if (shown, styled) != (self._drawn, self._marks):
                self._write(self._to_start() + self._redrawn(shown, styled))
            self._drawn, self._marks = shown, styled
            self._columns = get_terminal_size().columns

    def above(self, write: Callable[[], None]) -> None:
        """Call ``write``, which writes whole lines to the terminal, and draw again below them."""
        with self._lock:
            drawn, marks = self._drawn, self._marks
            self.show([])
            write()
            self.show(drawn, marks=marks)

    def _redrawn(self, lines: Sequence[str], marks: Sequence[Mark]) -> str:
        """Return what draws ``lines`` over those that are drawn, from the start of these."""
        before, after = _styled(self._drawn, self._marks), _styled(lines, marks)
        right, below = (_ERASE_RIGHT, _ERASE_BELOW) if before else ("", "")
        if len(before) == len(after) and self._columns == get_terminal_size().columns:
            after = [
                _beyond(line) if old == new else new
                for line, old, new in zip(lines, before, after, strict=True)
            ]
        return f"{right}\n".join(after) + below

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


def _beyond(line: str) -> str:
    """Return what moves the cursor from the start of ``line`` to its end."""
    width = columns(line)
    return f"\x1b[{width}C" if width else ""


def _faint_end(lines: Sequence[str], faint: int) -> list[Mark]:
    if not faint:
        return []
    length = len(lines[-1])
    return [Mark(len(lines) - 1, max(0, length - faint), length, Style.FAINT)]


def _styled(lines: Sequence[str], marks: Sequence[Mark]) -> list[str]:
    """Return the lines with the sequences of their marks, set from the last to the first."""
    styled = list(lines)
    for number, start, end, style in sorted(marks, key=lambda mark: mark.start, reverse=True):
        line, (on, off) = styled[number], style.value
        styled[number] = f"{line[:start]}{on}{line[start:end]}{off}{line[end:]}"
    return styled
