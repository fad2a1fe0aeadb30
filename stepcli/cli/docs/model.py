"""Plain data that describes the commands, and the reference texts shared by all pages."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from stepcli import errors
from stepcli.cli.params.common_options import COMMON
from stepcli.cli.params.values import Kind
from stepcli.errors import INTERRUPTED, TERMINATED, StepcliError
from stepcli.sandbox import FAULT_SYNTAX

PROGRAM = "stepcli"


@dataclass(frozen=True, slots=True)
class Example:
    """A command line to paste.

    ``runnable`` is false if the line needs a device, an API key, another program or a person; the
    tests run all others.
    """

    title: str
    line: str
    runnable: bool = True


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument: ``metavar`` is ``TEXT`` where ``usage`` is ``[TEXT...]``."""

    metavar: str
    usage: str
    help: str
    kinds: tuple[Kind, ...] = ()

    @property
    def repeatable(self) -> bool:
        return "..." in self.usage


@dataclass(frozen=True, slots=True)
class Option:
    """An option. ``metavar`` is None for a flag; ``notes`` are its range and its default.

    ``type`` is the JSON type of a value, ``default`` the value without the option, None if there is
    none; ``default_text`` then says what is used. ``limits`` are the least and the largest number.
    ``config_key`` is empty if the config file cannot set it. ``advanced`` ones are rarely needed.
    """

    names: tuple[str, ...]
    metavar: str | None
    help: str
    notes: tuple[str, ...]
    variable: str | None
    choices: tuple[str, ...]
    heading: str
    repeatable: bool
    type: str
    default: object = None
    default_text: str = ""
    limits: tuple[float, float] | None = None
    kinds: tuple[Kind, ...] = ()
    config_key: str = ""
    advanced: bool = False

    @property
    def long(self) -> str:
        """The long name, which every option has."""
        return next(name for name in self.names if name.startswith("--"))


@dataclass(frozen=True, slots=True)
class Command:
    """A command. ``path`` is what follows ``stepcli`` on the command line; empty for the root.

    ``notes`` are titles and preformatted texts.
    """

    path: tuple[str, ...]
    summary: str
    details: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    commands: tuple[Command, ...]
    examples: tuple[Example, ...]
    notes: tuple[tuple[str, str], ...]
    heading: str

    @property
    def name(self) -> str:
        """The full name, such as ``stepcli voices preview``."""
        return " ".join((PROGRAM, *self.path))

    @property
    def page_name(self) -> str:
        """The name of the manual page, such as ``stepcli-voices-preview``."""
        return "-".join((PROGRAM, *self.path))

    @property
    def usage(self) -> str:
        """The part of the usage line after the name, such as ``[OPTIONS] [TEXT...]``."""
        subcommand = ["COMMAND"] if self.commands else []
        return " ".join([*subcommand, "[OPTIONS]", *(one.usage for one in self.arguments)])

    def all(self) -> Iterator[Command]:
        """Yield this command and all its subcommands."""
        yield self
        for command in self.commands:
            yield from command.all()


OPTIONS = "Options"
"""The heading of options that do not name one."""

ADVANCED = "Advanced"
"""The heading of advanced options on help pages."""

COMMANDS = "Commands"
"""The heading of commands that are not in the table below."""

COMMAND_HEADINGS = {
    "speak": "Speech",
    "stream": "Speech",
    "transcribe": "Speech",
    "voices": "Speech",
    "auth": "Setup",
    "config": "Setup",
    "devices": "Setup",
    "doctor": "Setup",
    "clean": "Setup",
    "sandbox": "Testing",
    "help": "Setup",
}


class _HasHeading(Protocol):
    @property
    def heading(self) -> str: ...


T = TypeVar("T", bound=_HasHeading)


_PLACES = {OPTIONS: -1, ADVANCED: 1, COMMON: 2}


def by_heading(entries: Iterable[T]) -> dict[str, list[T]]:
    """Group ``entries`` by heading, in order of appearance.

    Options without a heading come first; the advanced and the common options come last.
    """
    groups: dict[str, list[T]] = {}
    for entry in entries:
        groups.setdefault(entry.heading, []).append(entry)
    return dict(sorted(groups.items(), key=lambda group: _PLACES.get(group[0], 0)))


OPTION_VARIABLE = {
    "STEPCLI_OPTION": (
        "Every option that takes a value can be set by a variable: `STEPCLI_VOICE` for --voice, "
        "`STEPCLI_SAMPLE_RATE` for --sample-rate."
    )
}
ENVIRONMENT = {
    "STEP_API_KEY, STEPFUN_API_KEY": "The API key. There is no option for it.",
    "STEPCLI_CONFIG": "The path of another config file.",
    "NO_COLOR": "Disables color if set.",
    "FORCE_COLOR": "Enables color in pipes as well if set.",
    "HTTPS_PROXY, ALL_PROXY": "The proxy to use, for HTTP and WebSocket: a URL or HOST:PORT.",
    "NO_PROXY": "Hosts that are reached without the proxy.",
    "SSL_CERT_FILE, SSL_CERT_DIR": "The CA certificates to trust, in place of the built-in ones.",
}

FILES = {
    "~/.config/stepcli/config.toml": "Settings; see stepcli-config(5).",
    "~/.local/share/stepcli/credentials/key": "The API key, readable only by its owner.",
    "~/.cache/stepcli/": "Voice names for completion.",
    "~/.local/state/stepcli/": "Unfinished results of failed runs, and the last recording.",
}

OTHER_LOCATIONS = (
    "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME and XDG_STATE_HOME change these paths. "
    "On macOS they are in ~/Library, on Windows in %LOCALAPPDATA%."
)


def exit_codes() -> dict[str, str]:
    """Return the meaning of every exit code, taken from the docstrings in ``stepcli.errors``."""
    meanings = {one.exit_code: _first_paragraph(one) for one in _error_classes()}
    meanings |= {0: "Success.", StepcliError.exit_code: "Unexpected error."}
    meanings |= {INTERRUPTED: "Interrupted (Ctrl-C).", TERMINATED: "Terminated (SIGTERM)."}
    return {str(code): meaning for code, meaning in sorted(meanings.items())}


def error_types() -> dict[int, str]:
    """Return the ``error.type`` of ``--json`` for every exit code that is not success."""
    classes: list[type[StepcliError]] = [StepcliError, *_error_classes()]
    types = {one.exit_code: one.kind for one in classes}
    return types | dict.fromkeys((INTERRUPTED, TERMINATED), "interrupted")


def _error_classes() -> list[type[StepcliError]]:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    return [one for one in classes if issubclass(one, StepcliError) and "exit_code" in vars(one)]


def _first_paragraph(error: type[StepcliError]) -> str:
    return " ".join((error.__doc__ or "").replace("``", "`").split("\n\n")[0].split())


NOTES = {"sandbox": (("Faults", FAULT_SYNTAX.rstrip()),)}
"""Preformatted sections of the pages of single commands."""
