"""Sound to text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stepcli.api.recognition import Delta, Done


@dataclass(frozen=True, slots=True)
class Transcript:
    """The recognised text, the deltas it came in, and what the service says it used."""

    text: str
    deltas: tuple[Delta, ...]
    usage: Mapping[str, Any]
    session_id: str | None


def collect(events: Iterable[Delta | Done], heard: Callable[[str], None]) -> Transcript:
    """The transcript at the end of ``events``; ``heard`` is told each delta's text as it comes."""
    deltas: list[Delta] = []
    for event in events:
        if isinstance(event, Done):
            return Transcript(event.text, tuple(deltas), event.usage, event.session_id)
        deltas.append(event)
        heard(event.text)
    raise AssertionError("recognition ends with Done or raises")
