"""Where what is kept of a run is told, when the run comes to no good end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stepcli.errors import StepcliError


@contextmanager
def kept_told(whereabouts: Callable[[], str | None]) -> Iterator[None]:
    """If this fails or is interrupted, the hint has the ``whereabouts``."""
    try:
        yield
    except (StepcliError, KeyboardInterrupt) as exc:
        advise(exc, whereabouts())
        raise


def advise(exc: BaseException, where: str | None) -> None:
    """What ends a run tells ``where`` something is kept of it."""
    if isinstance(exc, StepcliError):
        exc.advise(where)
    elif where:
        exc.add_note(where)
