"""Registers commands: their own options first, then those that every command has."""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Callable, Iterable
from typing import Any, Concatenate

import typer
from typer._click.core import ParameterSource
from typer._click.globals import get_current_context

from stepcli.cli.helped import HelpedCommand, HelpedGroup
from stepcli.cli.options import connection_flags, terminal_flags
from stepcli.cli.run import ConnectionFlags, Run, TerminalFlags


def command_app(about: str | None = None) -> typer.Typer:
    """An app for one command, or for a group of them: then ``about`` is the group's help."""
    return typer.Typer(
        help=about,
        add_completion=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        cls=HelpedGroup,
    )


Body = Callable[Concatenate[Run, ...], int | None]


def command(app: typer.Typer, name: str | None = None) -> Callable[[Body], Body]:
    """Register a function whose first parameter is the Run and the rest its options.

    What it returns is the exit code, None for 0.
    """

    def register(body: Body) -> Body:
        app.command(name, cls=HelpedCommand)(_with_flags(body))
        return body

    return register


def _with_flags(body: Body) -> Callable[..., int | None]:
    own = _parameters(body)[1:]
    about_terminal = _parameters(terminal_flags)
    about_connection = _parameters(connection_flags)

    @functools.wraps(body)
    def run(**values: Any) -> int | None:
        given = _given(values)
        terminal = TerminalFlags(**{one.name: values.pop(one.name) for one in about_terminal})
        connection = {one.name: values.pop(one.name) for one in about_connection}
        _tell_failures_as(terminal)
        _look_for_garbage_again()
        return body(Run.from_flags(terminal, ConnectionFlags(**connection), given), **values)

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in (*own, *about_terminal, *about_connection)
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # typer reads it
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _tell_failures_as(flags: TerminalFlags) -> None:
    """The config file may ask for it too."""
    telling = get_current_context().obj
    telling.json, telling.debug = flags.json, flags.debug


def _look_for_garbage_again() -> None:
    """What starting made stays for good, and is not looked at; see ``__main__``."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _given(names: Iterable[str]) -> frozenset[str]:
    """Those of the parameters ``names`` that stand on the command line."""
    source = get_current_context().get_parameter_source
    return frozenset(name for name in names if source(name) is ParameterSource.COMMANDLINE)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())
