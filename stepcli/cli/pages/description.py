"""A command as its pages need it: plain data, read from the tree once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PROGRAM = "stepcli"


@dataclass(frozen=True, slots=True)
class Example:
    """A line to paste. ``alone`` is false where it needs a device, a key or a person."""

    about: str
    line: str
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Argument:
    """``metavar`` is the bare word; ``usage`` shows whether it may be left out or repeated."""

    metavar: str
    usage: str
    help: str

    @property
    def repeatable(self) -> bool:
        return "..." in self.usage


@dataclass(frozen=True, slots=True)
class Option:
    """``metavar`` is None for a flag; ``notes`` are its range and its default, as one reads them.

    ``chapter`` is the heading that it stands under.
    """

    names: tuple[str, ...]
    metavar: str | None
    help: str
    notes: tuple[str, ...]
    variable: str | None
    choices: tuple[str, ...]
    chapter: str
    repeatable: bool

    @property
    def long(self) -> str:
        """The long name, which every option has."""
        return next(name for name in self.names if name.startswith("--"))


@dataclass(frozen=True, slots=True)
class Command:
    """``path`` is what follows ``stepcli`` on the command line; empty for the program itself.

    ``notes`` are headings and texts that are shown as they stand.
    """

    path: tuple[str, ...]
    summary: str
    details: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    commands: tuple[Command, ...]
    examples: tuple[Example, ...]
    notes: tuple[tuple[str, str], ...]
    chapter: str

    @property
    def name(self) -> str:
        """``stepcli voices preview``."""
        return " ".join((PROGRAM, *self.path))

    @property
    def usage(self) -> str:
        """What stands after the name: ``[OPTIONS] [TEXT]...``."""
        below = ["COMMAND"] if self.commands else []
        return " ".join([*below, "[OPTIONS]", *(one.usage for one in self.arguments)])

    def all(self) -> Iterator[Command]:
        """This command and every one below it."""
        yield self
        for below in self.commands:
            yield from below.all()
