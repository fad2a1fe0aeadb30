"""``--follow``: the text scrolls by while it is played, with the current word highlighted."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from shutil import get_terminal_size
from typing import Protocol

from stepcli.cli.io.live_area import LiveArea, Mark, Style
from stepcli.cli.io.progress import Drawing
from stepcli.cli.io.terminal import Terminal
from stepcli.subtitles.read_along import (
    Place,
    Span,
    directions,
    printable,
    sentences,
    wrapped,
)

_INTERVAL = 0.02
"""Seconds between two drawings: short against the 60 ms within which sound and text seem one."""
_BEFORE, _AFTER = 1, 3
"""Lines that are shown before and after the one that is spoken."""


class PlayedText(Protocol):
    """A text that is being played."""

    @property
    def text(self) -> str: ...

    def places(self) -> Sequence[Place]:
        """Return where the words are whose times are known, in the order of times."""


Follow = Callable[[Callable[[], float], PlayedText], None]
"""Starts the display: takes what returns the seconds played, and the text."""


@contextmanager
def following(terminal: Terminal) -> Iterator[Follow]:
    """Yield a function that shows a text in step with its sound, until the block ends.

    Without a terminal, each sentence is written when it begins.
    """
    display: _Page | _SentenceWriter | None = None
    with ExitStack() as drawings:

        def follow(position: Callable[[], float], played: PlayedText) -> None:
            nonlocal display
            text = printable(played.text)
            area = terminal.area
            display = _Page(area, text) if area else _SentenceWriter(terminal, text)
            draw = display.draw
            drawing = Drawing(lambda: draw(_current(played.places(), position())), _INTERVAL)
            drawings.callback(drawing.stop)

        try:
            yield follow
        finally:
            drawings.close()
            if terminal.area and display:
                terminal.area.show([])
    if isinstance(display, _SentenceWriter):
        display.finish()


def _current(places: Sequence[Place], seconds: float) -> Span | None:
    """Return the current word: the last one that has begun; None before the first."""
    number = bisect_right(places, seconds, key=lambda place: place.seconds)
    return places[number - 1].span if number else None


class _Page:
    """The lines of a text around the current word."""

    def __init__(self, area: LiveArea, text: str) -> None:
        self._area = area
        self._text = text
        self._directions = directions(text)
        self._width = 0
        self._lines: list[Span] = []

    def draw(self, word: Span | None) -> None:
        if self._width != self._area.width:
            self._width = self._area.width
            self._lines = wrapped(self._text, self._width)
        rows = self._rows(word.start if word else 0)
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

    def _rows(self, place: int) -> Sequence[Span]:
        """Return the lines to show: fewer on a small terminal, the spoken one always."""
        current = bisect_right(self._lines, place, key=lambda line: line.start) - 1
        height = max(1, min(_BEFORE + 1 + _AFTER, get_terminal_size().lines - 1))
        first = max(0, current - min(_BEFORE, height - 1))
        return self._lines[first : first + height]


class _SentenceWriter:
    """Writes each sentence of a text as a line of plain text."""

    def __init__(self, terminal: Terminal, text: str) -> None:
        self._terminal = terminal
        self._lines = [
            (span.start, " ".join(text[span.start : span.end].split())) for span in sentences(text)
        ]
        self._written = 0

    def draw(self, word: Span | None) -> None:
        """Write the sentences that begin up to `word`."""
        while word and self._written < len(self._lines):
            start, line = self._lines[self._written]
            if start > word.start:
                break
            self._terminal.say(line)
            self._written += 1

    def finish(self) -> None:
        """Write the other sentences."""
        self.draw(Span(sys.maxsize, sys.maxsize))
