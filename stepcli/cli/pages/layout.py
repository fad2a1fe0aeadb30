"""Text in columns: wrapping by the width that a terminal gives each character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from unicodedata import combining, east_asian_width

NO_BREAK = "\u00a0"

_BEFORE_LAST_COLUMN = re.compile(r" *(?:\S+ {2,})?")


def width(text: str) -> int:
    """How many columns ``text`` takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def wrap(text: str, columns: int, measure: Callable[[str], int] = width) -> list[str]:
    """``text`` in lines that ``measure`` at most ``columns``; only a longer word makes one longer.

    A no-break space belongs to a word, and comes out as a space.
    """
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and measure(longer) > columns:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line.replace(NO_BREAK, " ") for line in lines]


def folded(line: str, columns: int) -> list[str]:
    """A line set by hand; what does not fit goes below, under the line's last column."""
    if width(line) <= columns:
        return [line]
    start = _BEFORE_LAST_COLUMN.match(line)
    indent = start.end() if start else 0
    first, *rest = wrap(line[indent:], columns - indent)
    return [line[:indent] + first, *indented(rest, indent)]


def indented(lines: Iterable[str], indent: int) -> Iterator[str]:
    return (f"{'':{indent}}{line}" for line in lines)
