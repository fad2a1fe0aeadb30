"""``--follow``: the text is written while it is played, with the current word highlighted."""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from shutil import get_terminal_size
from typing import Protocol

from stepcli.cli.io.live_area import LiveArea, Mark, Style
from stepcli.cli.io.progress import Drawing
from stepcli.cli.io.terminal import Terminal
from stepcli.subtitles.read_along import Span, directions, printable, sentences, wrapped

_INTERVAL = 0.02
"""Seconds between two drawings: short against the 60 ms within which sound and text seem one."""
_BEFORE, _AFTER = 1, 3
"""Lines that are shown before and after the one that is spoken."""


class PlayedText(Protocol):
    """A text that is being played, and that may grow at its end by whole lines."""

    def at(self, seconds: float) -> tuple[str, Span | None]:
        """Return the text to show when `seconds` were played, and the current word in it.

        The word is None before the first one, and empty where it is unknown.
        """


Follow = Callable[[Callable[[], float], PlayedText], None]
"""Starts the display: takes what returns the seconds played, and the text."""


@contextmanager
def following(terminal: Terminal, *, remains: bool = True) -> Iterator[Follow]:
    """Yield a function that shows a text in step with its sound, until the block ends.

    The text remains on the terminal, unless it does not `remain`, as one that was typed there.
    Without a terminal, each sentence is written when it begins.
    """
    display: _ScrollingText | _SentenceWriter | None = None
    with ExitStack() as drawings:

        def follow(position: Callable[[], float], played: PlayedText) -> None:
            nonlocal display
            area = terminal.area
            display = (
                _ScrollingText(terminal, area, played, remains=remains)
                if area
                else _SentenceWriter(terminal, played)
            )
            draw = display.draw
            drawing = Drawing(lambda: draw(*played.at(position())), _INTERVAL)
            drawings.callback(drawing.stop)

        try:
            yield follow
        finally:
            drawings.close()
            if terminal.area and display:
                terminal.area.show([])
    if display:
        display.finish()


class _ScrollingText:
    """The lines of a text around the current word; those before remain if the text does."""

    def __init__(
        self, terminal: Terminal, area: LiveArea, played: PlayedText, *, remains: bool
    ) -> None:
        self._terminal = terminal
        self._area = area
        self._played = played
        self._remains = remains
        self._written = 0
        self._width = area.width
        self._text = ""
        self._directions: list[Span] = []
        self._lines: list[Span] = []

    def draw(self, text: str, word: Span | None) -> None:
        self._update(text)
        first, rows = self._rows(word.start if word else 0)
        self._write(self._lines[:first])
        lines = [self._text[line.start : line.end].rstrip() for line in rows]
        dim = [(span, Style.FAINT) for span in self._directions]
        spoken = [(word, Style.REVERSE)] if word else []
        marks = [
            Mark(row, max(0, span.start - line.start), span.end - line.start, style)
            for row, line in enumerate(rows)
            for span, style in [*dim, *spoken]
            if span.start < line.end and line.start < span.end
        ]
        self._area.show(lines, marks=marks)

    def finish(self) -> None:
        """Write the other lines."""
        text, _ = self._played.at(math.inf)
        self._update(text.rstrip())
        self._write(self._lines)

    def _write(self, lines: Iterable[Span]) -> None:
        """Write those of `lines` that remain and are not written yet."""
        for start, end in lines if self._remains else ():
            if end > self._written:
                self._terminal.say(self._text[max(start, self._written) : end].rstrip())
                self._written = end

    def _update(self, text: str) -> None:
        """Divide into lines what was added to the text, or all of it after a resize."""
        if self._width != self._area.width:
            self._width, self._text = self._area.width, ""
            self._directions, self._lines = [], []
        offset = len(self._text)
        if offset < len(text):
            added = printable(text[offset:])
            self._text += added
            self._directions += _moved(directions(added), offset)
            self._lines += _moved(wrapped(added, self._width), offset)

    def _rows(self, place: int) -> tuple[int, Sequence[Span]]:
        """Return the lines to show and the number of the first of them.

        There are fewer on a small terminal; the spoken one is always shown.
        """
        current = bisect_right(self._lines, place, key=lambda line: line.start) - 1
        height = max(1, min(_BEFORE + 1 + _AFTER, get_terminal_size().lines - 1))
        first = max(0, current - min(_BEFORE, height - 1))
        return first, self._lines[first : first + height]


class _SentenceWriter:
    """Writes each sentence of a text as a line of plain text."""

    def __init__(self, terminal: Terminal, played: PlayedText) -> None:
        self._terminal = terminal
        self._played = played
        self._size = 0
        self._lines: deque[tuple[int, str]] = deque()

    def draw(self, text: str, word: Span | None) -> None:
        """Write the sentences that begin up to `word`."""
        if self._size < len(text):
            added = printable(text[self._size :])
            for start, end in sentences(added):
                self._lines.append((self._size + start, " ".join(added[start:end].split())))
            self._size = len(text)
        while word and self._lines and self._lines[0][0] <= word.start:
            self._terminal.say(self._lines.popleft()[1])

    def finish(self) -> None:
        """Write the other sentences."""
        text, _ = self._played.at(math.inf)
        self.draw(text, Span(sys.maxsize, sys.maxsize))


def _moved(spans: Iterable[Span], offset: int) -> Iterator[Span]:
    return (Span(offset + start, offset + end) for start, end in spans)
