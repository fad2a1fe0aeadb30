"""A progress bar on stderr, for somebody who watches a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stepcli.cli.terminal import Terminal


@contextmanager
def progress(terminal: Terminal, total: int) -> Iterator[Callable[[int], None]]:
    """A function to call with how many of ``total`` steps are done; silent for a single step."""
    if total < 2 or terminal.quiet or not terminal.stderr_is_terminal:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    console = Console(file=terminal.stderr)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)
