"""Under which headings commands and options stand, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from stepcli.cli.options import COMMON

OPTIONS = "Options"
"""For an option that names no heading of its own."""

OTHERS = "Commands"
"""For a command that is not in the table below."""

COMMAND_CHAPTERS = {
    "speak": "Speech",
    "stream": "Speech",
    "transcribe": "Speech",
    "voices": "Speech",
    "auth": "Set up",
    "config": "Set up",
    "devices": "Set up",
    "doctor": "Set up",
    "sandbox": "Try out",
}


class Placed(Protocol):
    @property
    def chapter(self) -> str: ...


T = TypeVar("T", bound=Placed)


def chapters(things: Iterable[T]) -> dict[str, list[T]]:
    """Things under their headings, as they first appear; what every command has comes last."""
    found: dict[str, list[T]] = {}
    for thing in things:
        found.setdefault(thing.chapter, []).append(thing)
    return dict(sorted(found.items(), key=lambda item: item[0] == COMMON))
