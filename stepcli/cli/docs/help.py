"""``--help``: examples first, then what a command takes, under headings."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

from stepcli.cli.docs.model import Argument, Command, Example, Option, chapters
from stepcli.cli.io.terminal import Terminal

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


WIDEST = 100
"""Longer lines are hard to read, however wide the terminal."""

_NARROWEST = 40
_INDENT = 2
_GAP = 2
_SHORT = 24

Row = tuple[str, str]


def page(command: Command) -> str:
    """The help of ``command`` for whoever reads stdout."""
    columns = shutil.get_terminal_size().columns
    ink = Ink() if is_coloured(Terminal(), os.environ) else Ink(bold="", cyan="", plain="")
    return Page(max(_NARROWEST, min(columns, WIDEST)), ink).of(command)


def is_coloured(terminal: Terminal, environ: Mapping[str, str]) -> bool:
    """Whether stdout is a terminal that shows colour, to somebody who has not declined it."""
    declined = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return terminal.stdout_is_terminal and not declined


@dataclass(frozen=True, slots=True)
class Ink:
    """What switches a terminal's styles on, and back to plain."""

    bold: str = "\x1b[1m"
    cyan: str = "\x1b[36m"
    plain: str = "\x1b[0m"

    def heading(self, text: str) -> str:
        return f"{self.bold}{text}{self.plain}"

    def term(self, text: str) -> str:
        return f"{self.cyan}{text}{self.plain}"


@dataclass(frozen=True, slots=True)
class Page:
    """Sets a page of help in ``columns``."""

    columns: int
    ink: Ink

    def of(self, command: Command) -> str:
        parts = [
            f"{self.ink.heading('Usage:')} {command.name} {command.usage}",
            *self._prose(command),
            *self._examples(command.examples),
            *self._tables(command),
            *self._notes(command),
        ]
        return "\n\n".join(parts)

    def _prose(self, command: Command) -> Iterator[str]:
        for paragraph in (command.summary, *command.details):
            yield "\n".join(wrap(paragraph.replace("`", ""), self.columns))

    def _examples(self, examples: Iterable[Example]) -> Iterator[str]:
        lines = [f"  {one.about}:\n    {self.ink.term(one.line)}" for one in examples]
        if lines:
            yield "\n".join([self.ink.heading("Examples:"), *lines])

    def _notes(self, command: Command) -> Iterator[str]:
        for title, text in command.notes:
            lines = [part for line in text.splitlines() for part in folded(line, self.columns)]
            yield "\n".join([self.ink.heading(f"{title}:"), *lines])

    def _tables(self, command: Command) -> Iterator[str]:
        tables = dict(_tables(command))
        left = max(width(term) for rows in tables.values() for term, _ in rows)
        left = min(left, self.columns * 2 // 5)
        for title, rows in tables.items():
            yield "\n".join([self.ink.heading(f"{title}:"), *self._rows(rows, left)])

    def _rows(self, rows: Iterable[Row], left: int) -> Iterator[str]:
        indent = _INDENT + left + _GAP
        for term, text in rows:
            first, *rest = wrap(text, self.columns - indent)
            if width(term) > left:
                yield f"{'':{_INDENT}}{self.ink.term(term)}"
                first, rest = "", [first, *rest]
            else:
                gap = " " * (left - width(term) + _GAP)
                yield f"{'':{_INDENT}}{self.ink.term(term)}{gap}{first}"
            yield from indented(rest, indent)


def _tables(command: Command) -> Iterator[tuple[str, list[Row]]]:
    if arguments := [_argument(one) for one in command.arguments if one.help]:
        yield "Arguments", arguments
    for title, commands in chapters(command.commands).items():
        yield title, [(one.path[-1], one.summary.replace("`", "")) for one in commands]
    for title, options in chapters(command.options).items():
        yield title, [_option(one) for one in options]


def _argument(argument: Argument) -> Row:
    return argument.usage, argument.help


def _option(option: Option) -> Row:
    return _term(option), f"{option.help} {_notes(option)}".strip()


def _notes(option: Option) -> str:
    """Range and default; kept on one line if they are short."""
    notes = f"[{'; '.join(option.notes)}]" if option.notes else ""
    return notes.replace(" ", NO_BREAK) if len(notes) <= _SHORT else notes


def _term(option: Option) -> str:
    """``-v, --voice VOICE``, with room for the short name where there is none."""
    names = ", ".join(option.names)
    aligned = names if len(option.names) > 1 else f"    {names}"
    return f"{aligned} {option.metavar or ''}".rstrip()
