"""Tables: drawn by rich on a terminal, and a line for each row in a pipe."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from stepcli.cli.io.terminal import Terminal, escaped, is_colored
from stepcli.text.characters import columns as text_columns

if TYPE_CHECKING:
    from rich.console import Console

_GAP = "  "
_INDENT = 4
"""Columns before a last cell that has lines of its own."""
_MIN_LAST_COLUMN = 24
"""Columns of the last cell of a row; with less room it gets lines of its own."""
_UNLIMITED = 1 << 16
_HEIGHT = 25
"""Has no effect, but without it rich takes a dumb terminal to be 80 columns wide."""


@dataclass(frozen=True, slots=True)
class Column:
    """The style of a column in rich's words, such as ``bold red``, and its minimum width."""

    style: str = ""
    width: int = 0


def show_table(
    terminal: Terminal, rows: Sequence[Sequence[str]], columns: Sequence[Column]
) -> None:
    """Print ``rows`` with a cell for each of ``columns``.

    On a terminal, the last cell is wrapped. In a pipe, a row is always one line.
    """
    escaped_rows = [list(map(escaped, row)) for row in rows]
    widths = [
        max([column.width, *map(text_columns, cells)])
        for column, cells in zip(columns, zip(*escaped_rows, strict=True), strict=False)
    ]
    padded_rows = [
        [cell + " " * (width - text_columns(cell)) for cell, width in zip(row, widths, strict=True)]
        for row in escaped_rows
    ]
    if terminal.stdout_is_terminal or is_colored(terminal.stdout):
        lines = _drawn(terminal, padded_rows, [column.style for column in columns])
    else:
        lines = [_GAP.join(row) for row in padded_rows]
    for line in lines:
        terminal.page(line.rstrip())


def _drawn(terminal: Terminal, rows: Sequence[Sequence[str]], styles: Sequence[str]) -> list[str]:
    """Return the lines of a table whose cells are padded."""
    from rich.console import Console

    colored = is_colored(terminal.stdout)
    drawing = io.StringIO()
    console = Console(
        file=drawing,
        width=get_terminal_size().columns - 1 if terminal.stdout_is_terminal else _UNLIMITED,
        height=_HEIGHT,
        force_terminal=colored,
        color_system="standard" if colored else None,
        legacy_windows=False,
    )
    for row in rows:
        _draw_row(console, row, styles)
    return drawing.getvalue().splitlines()


def _draw_row(console: Console, row: Sequence[str], styles: Sequence[str]) -> None:
    """Draw the last cell beside the others, or below them if there is too little room."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    *leading, last = (Text(cell, style) for cell, style in zip(row, styles, strict=True))
    last.rstrip()
    start = Text(_GAP).join([*leading, Text()])
    if console.width - start.cell_len >= _MIN_LAST_COLUMN:
        grid = Table.grid()
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(start, last)
        console.print(grid)
        return
    if start.plain.strip():
        console.print(start, soft_wrap=True)
    if last:
        console.print(Padding(last, (0, 0, 0, _INDENT)))
