"""The page that ``--help`` prints: examples first, then arguments and options under headings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from stepcli.cli.docs.model import (
    ADVANCED,
    Argument,
    Command,
    Option,
    by_heading,
)
from stepcli.text.characters import columns as text_columns

NO_BREAK = "\u00a0"


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


def indented(lines: Iterable[str], indent: int) -> Iterator[str]:
    return (f"{'':{indent}}{line}" for line in lines)


MAX_WIDTH = 100
"""Longer lines are hard to read, even on a wide terminal."""

_MIN_WIDTH = 40
_INDENT = 2
_GAP = 2
_SHOWN_EXAMPLES = 3
_MAX_UNBROKEN = 28
_PHRASE = re.compile(rf"`[^`]{{1,{_MAX_UNBROKEN}}}`|(?<!\w)'[^']{{1,{_MAX_UNBROKEN}}}'(?!\w)")
"""A short piece of code or a quoted value, which is kept on one line."""

Row = tuple[str, str]
Tables = dict[str, list[Row]]


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
            *self._examples(command),
            *self._tables(_commands(command)),
            *self._tables(_parameters(command)),
            *self._notes(command),
        ]
        return "\n\n".join(parts)

    def _description(self, command: Command) -> Iterator[str]:
        for paragraph in (command.summary, *command.details):
            yield "\n".join(wrap(_unbroken(paragraph), self.columns))

    def _examples(self, command: Command) -> Iterator[str]:
        shown = [(one.title, one.line) for one in command.examples[:_SHOWN_EXAMPLES]]
        if len(command.examples) > len(shown):
            shown.append(("More", f"man {command.page_name}"))
        lines = [f"  {title}:\n    {self.styles.term(line)}" for title, line in shown]
        if lines:
            yield "\n".join([self.styles.heading("Examples:"), *lines])

    def _notes(self, command: Command) -> Iterator[str]:
        for title, text in command.notes:
            yield f"{self.styles.heading(f'{title}:')}\n{text}"

    def _tables(self, tables: Tables) -> Iterator[str]:
        """Yield tables whose second columns are aligned, below terms that are too wide."""
        widths = [text_columns(term) for rows in tables.values() for term, _ in rows]
        left = max((one for one in widths if one <= self.columns * 2 // 5), default=0)
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


def _commands(command: Command) -> Tables:
    return {
        heading: [(one.path[-1], _unbroken(one.summary)) for one in commands]
        for heading, commands in by_heading(command.commands).items()
    }


def _parameters(command: Command) -> Tables:
    arguments = [_argument(one) for one in command.arguments if one.help]
    options = by_heading(
        replace(one, heading=ADVANCED) if one.advanced else one for one in command.options
    )
    tables = {"Arguments": arguments} if arguments else {}
    return tables | {heading: [_option(one) for one in group] for heading, group in options.items()}


def _argument(argument: Argument) -> Row:
    return argument.usage, _unbroken(argument.help)


def _option(option: Option) -> Row:
    return _term(option), f"{_unbroken(option.help)} {_notes(option)}".strip()


def _unbroken(text: str) -> str:
    """Return ``text`` without backquotes, with no-break spaces in code and quoted values."""
    return _PHRASE.sub(lambda found: _joined(found[0]), text).replace("`", "")


def _notes(option: Option) -> str:
    """Return the range and the default of ``option``, on one line or at least each on one."""
    notes = "; ".join(map(_joined, option.notes))
    return _joined(f"[{notes}]") if notes else ""


def _joined(text: str) -> str:
    """Return ``text`` with no-break spaces if it is short."""
    return text if len(text) > _MAX_UNBROKEN else text.replace(" ", NO_BREAK)


def _term(option: Option) -> str:
    """Return ``-v, --voice VOICE``; long names are aligned if there is no short one."""
    names = ", ".join(option.names)
    aligned = f"    {names}" if names.startswith("--") else names
    return f"{aligned} {option.metavar or ''}".rstrip()
