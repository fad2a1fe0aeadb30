"""Registers commands: their own options first, then those that every command has."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate

import typer

from stepcli.cli.options import common
from stepcli.cli.run import Common, Run

Body = Callable[Concatenate[Run, ...], int | None]


def command(app: typer.Typer, name: str | None = None) -> Callable[[Body], Body]:
    """Register a function whose first parameter is the Run and the rest its options.

    What it returns is the exit code, None for 0.
    """

    def register(body: Body) -> Body:
        app.command(name)(_with_common(body))
        return body

    return register


def _with_common(body: Body) -> Callable[..., int | None]:
    shared = inspect.signature(common, eval_str=True).parameters
    own = list(inspect.signature(body, eval_str=True).parameters.values())[1:]

    @functools.wraps(body)
    def run(**values: Any) -> int | None:
        flags = Common(**{name: values.pop(name) for name in shared})
        return body(Run.from_flags(flags), **values)

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in (*own, *shared.values())
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # typer reads it
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
