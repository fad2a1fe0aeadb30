"""A command as its pages need it: plain data, read from the tree once."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from stepcli import errors
from stepcli.cli.params.options import COMMON
from stepcli.errors import INTERRUPTED, TERMINATED, StepcliError
from stepcli.sandbox import FAULT_SYNTAX

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


OPTIONS = "Options"
"""For an option that names no heading of its own."""

OTHERS = "Commands"
"""For a command that is not in the table below."""

COMMAND_CHAPTERS = {
    "speak": "Speech",
    "stream": "Speech",
    "transcribe": "Speech",
    "voices": "Speech",
    "auth": "Setup",
    "config": "Setup",
    "devices": "Setup",
    "doctor": "Setup",
    "sandbox": "Testing",
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


ENVIRONMENT = {
    "STEP_API_KEY, STEPFUN_API_KEY": "The API key. There is no option for it.",
    "STEPCLI_CONFIG": "The path of another config file.",
    "NO_COLOR": "Disables colour if set.",
    "HTTPS_PROXY, SSL_CERT_FILE": "The proxy to use, and the CA certificates to trust.",
}

FILES = {
    "~/.config/stepcli/config.toml": "Settings; see stepcli-config(5).",
    "~/.local/share/stepcli/credentials/key": "The API key, readable only by its owner.",
    "~/.cache/stepcli/": "Voice names for completion.",
    "~/.local/state/stepcli/": "Unfinished results of failed runs, and the last recording.",
}

ELSEWHERE = (
    "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME and XDG_STATE_HOME change these paths. "
    "On macOS they are in ~/Library, on Windows in %LOCALAPPDATA%."
)


def exit_codes() -> dict[str, str]:
    """Every exit code and what it means, read from the errors themselves."""
    failures = {one.exit_code: _first_sentence(one) for one in _failures()}
    known = {0: "Success.", **failures, StepcliError.exit_code: "Unexpected error."}
    known |= {INTERRUPTED: "Interrupted (Ctrl-C).", TERMINATED: "Terminated (SIGTERM)."}
    return {str(code): meaning for code, meaning in sorted(known.items())}


def _failures() -> list[type[StepcliError]]:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    return [one for one in classes if issubclass(one, StepcliError)]


def _first_sentence(failure: type[StepcliError]) -> str:
    return " ".join((failure.__doc__ or "").replace("``", "`").split("\n\n")[0].split())


NOTES = {"sandbox": (("Faults", FAULT_SYNTAX.rstrip()),)}
