"""Whether the service accepts a key: ``GET {open}/models`` (protocol.md §1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from stepcli.api.answer import read_object
from stepcli.api.retry import READING
from stepcli.errors import StepcliError

if TYPE_CHECKING:
    from stepcli.api.client import Client

_KEY_IS_FINE = ("quota", "usage")


@dataclass(frozen=True, slots=True)
class Reception:
    """How the service received the key.

    ``reservation`` is what it would not do all the same; ``first_byte`` is seconds from asking to
    the answer's head; ``skew`` is how many seconds this machine's clock is ahead of the service's.
    """

    first_byte: float
    reservation: StepcliError | None = None
    skew: float | None = None


def ask(client: Client) -> Reception:
    """Show the key to the service.

    A plan key may not be allowed on the open base; the service says so with a 4xx that is not about
    the key (protocol.md §1), which proves the key as well as an answer does. Raises AuthError where
    it was refused, UsageError for a path that is not there, and what the network brings, which may
    be the page of somebody in between.
    """
    from stepcli.api.client import Call

    asked = monotonic()
    try:
        with client.open(Call("GET", f"{client.service.open}/models", again=READING)) as response:
            took = monotonic() - asked
            read_object(response, client.service)
            return Reception(took, skew=_skew(response.headers.get("date")))
    except StepcliError as exc:
        if exc.kind not in _KEY_IS_FINE or exc.status in (None, 404):
            raise
        return Reception(monotonic() - asked, reservation=exc)


def _skew(date: str | None) -> float | None:
    try:
        told = parsedate_to_datetime(date or "")
        aware = told if told.tzinfo else told.replace(tzinfo=UTC)
        return (datetime.now(UTC) - aware).total_seconds()
    except (ValueError, OverflowError):
        return None
