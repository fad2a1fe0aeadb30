"""Lines in columns: padded; on a terminal also coloured, the last cell wrapped under itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepcli.cli.terminal import Terminal, escaped


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` in characters of plain text; the last column of a line needs none."""

    style: str = ""
    width: int = 0


def show_row(terminal: Terminal, cells: Sequence[str], columns: Sequence[Column]) -> None:
    """One line of the result, a cell for each of ``columns``."""
    if terminal.stdout_is_terminal:
        _draw(terminal, cells, columns)
    else:
        padded = (f"{cell:<{one.width}}" for cell, one in zip(cells, columns, strict=True))
        terminal.result("  ".join(padded).rstrip())


def _draw(terminal: Terminal, cells: Sequence[str], columns: Sequence[Column]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        grid.add_column(width=column.width or None, overflow="fold")
    texts = (Text(escaped(cell), one.style) for cell, one in zip(cells, columns, strict=True))
    grid.add_row(*texts)
    with terminal.writing():
        Console(file=terminal.stdout, highlight=False).print(grid)
