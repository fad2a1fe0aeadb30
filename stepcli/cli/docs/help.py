"""The page that ``--help`` prints: examples first, then arguments and options under headings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from stepcli.cli.docs.model import Argument, Command, Example, Option, by_heading
from stepcli.text.scripts import columns as text_columns

NO_BREAK = "\u00a0"

_BEFORE_LAST_COLUMN = re.compile(r" *(?:\S+ {2,})?")


def wrap(text: str, columns: int, measure: Callable[[str], int] = text_columns) -> list[str]:
    """Return ``text`` in lines that ``measure`` at most ``columns``, unless one word is longer.

    A no-break space does not separate words and is returned as a space.
    """
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and measure(longer) > columns:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line.replace(NO_BREAK, " ") for line in lines]


def wrap_preformatted(line: str, columns: int) -> list[str]:
    """Wrap a line of a preformatted table; continuation lines start below its last column."""
    if text_columns(line) <= columns:
        return [line]
    start = _BEFORE_LAST_COLUMN.match(line)
    indent = start.end() if start else 0
    first, *rest = wrap(line[indent:], columns - indent)
    return [line[:indent] + first, *indented(rest, indent)]


def indented(lines: Iterable[str], indent: int) -> Iterator[str]:
    return (f"{'':{indent}}{line}" for line in lines)


MAX_WIDTH = 100
"""Longer lines are hard to read, even on a wide terminal."""

_MIN_WIDTH = 40
_INDENT = 2
_GAP = 2
_MAX_UNBROKEN_NOTE = 24

Row = tuple[str, str]


def help_page(command: Command, *, colored: bool = False) -> str:
    """Return the help of ``command`` for the width of stdout."""
    columns = shutil.get_terminal_size().columns
    styles = Styles() if colored else Styles(bold="", cyan="", plain="")
    return HelpPage(max(_MIN_WIDTH, min(columns, MAX_WIDTH)), styles).render(command)


@dataclass(frozen=True, slots=True)
class Styles:
    """The escape sequences that start and end a style."""

    bold: str = "\x1b[1m"
    cyan: str = "\x1b[36m"
    plain: str = "\x1b[0m"

    def heading(self, text: str) -> str:
        return f"{self.bold}{text}{self.plain}"

    def term(self, text: str) -> str:
        return f"{self.cyan}{text}{self.plain}"


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A renderer of help pages that are ``columns`` wide."""

    columns: int
    styles: Styles

    def render(self, command: Command) -> str:
        parts = [
            f"{self.styles.heading('Usage:')} {command.name} {command.usage}",
            *self._description(command),
            *self._examples(command.examples),
            *self._tables(command),
            *self._notes(command),
        ]
        return "\n\n".join(parts)

    def _description(self, command: Command) -> Iterator[str]:
        for paragraph in (command.summary, *command.details):
            yield "\n".join(wrap(paragraph.replace("`", ""), self.columns))

    def _examples(self, examples: Iterable[Example]) -> Iterator[str]:
        lines = [f"  {one.title}:\n    {self.styles.term(one.line)}" for one in examples]
        if lines:
            yield "\n".join([self.styles.heading("Examples:"), *lines])

    def _notes(self, command: Command) -> Iterator[str]:
        for title, text in command.notes:
            wrapped = (wrap_preformatted(line, self.columns) for line in text.splitlines())
            lines = [line for lines in wrapped for line in lines]
            yield "\n".join([self.styles.heading(f"{title}:"), *lines])

    def _tables(self, command: Command) -> Iterator[str]:
        tables = dict(_tables(command))
        left = max(text_columns(term) for rows in tables.values() for term, _ in rows)
        left = min(left, self.columns * 2 // 5)
        for title, rows in tables.items():
            yield "\n".join([self.styles.heading(f"{title}:"), *self._rows(rows, left)])

    def _rows(self, rows: Iterable[Row], left: int) -> Iterator[str]:
        indent = _INDENT + left + _GAP
        for term, text in rows:
            first, *rest = wrap(text, self.columns - indent)
            if text_columns(term) > left:
                yield f"{'':{_INDENT}}{self.styles.term(term)}"
                first, rest = "", [first, *rest]
            else:
                gap = " " * (left - text_columns(term) + _GAP)
                yield f"{'':{_INDENT}}{self.styles.term(term)}{gap}{first}"
            yield from indented(rest, indent)


def _tables(command: Command) -> Iterator[tuple[str, list[Row]]]:
    if arguments := [_argument(one) for one in command.arguments if one.help]:
        yield "Arguments", arguments
    for heading, commands in by_heading(command.commands).items():
        yield heading, [(one.path[-1], one.summary.replace("`", "")) for one in commands]
    for heading, options in by_heading(command.options).items():
        yield heading, [_option(one) for one in options]


def _argument(argument: Argument) -> Row:
    return argument.usage, argument.help


def _option(option: Option) -> Row:
    return _term(option), f"{option.help} {_notes(option)}".strip()


def _notes(option: Option) -> str:
    """Return the range and the default of ``option``; a short note is kept on one line."""
    notes = f"[{'; '.join(option.notes)}]" if option.notes else ""
    return notes.replace(" ", NO_BREAK) if len(notes) <= _MAX_UNBROKEN_NOTE else notes


def _term(option: Option) -> str:
    """Return ``-v, --voice VOICE``; long names are aligned if there is no short one."""
    names = ", ".join(option.names)
    aligned = names if len(option.names) > 1 else f"    {names}"
    return f"{aligned} {option.metavar or ''}".rstrip()
