"""Where what is kept of a run is told, when the run comes to no good end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stepcli.cli.terminal import Terminal
from stepcli.errors import StepcliError


@contextmanager
def kept_told(terminal: Terminal, whereabouts: Callable[[], str | None]) -> Iterator[None]:
    """If this fails, the failure's hint has the ``whereabouts``; if it is interrupted, a line."""
    try:
        yield
    except StepcliError as failure:
        failure.advise(whereabouts())
        raise
    except KeyboardInterrupt:
        tell_kept(terminal, whereabouts())
        raise


def tell_kept(terminal: Terminal, where: str | None) -> None:
    """With --json there is no place for it."""
    if where and not terminal.json:
        terminal.note(f"stepcli: {where}")
