"""Declaration of options and arguments; help, completion and manual are derived from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from stepcli.cli.io.text_input import listed_values
from stepcli.cli.params._click import StringParamType
from stepcli.cli.params.values import Kind, ValueSpec, with_spec


def option(
    *names: str,
    help: str,
    kind: Kind | tuple[Kind, ...] = (),
    default_text: str = "",
    limits: tuple[float, float] | None = None,
    repeatable: bool = False,
    reads_files: bool = False,
    check: Callable[[str], object] | None = None,
    once: bool = False,
    optional_value: Callable[[str], bool] | None = None,
    advanced: bool = False,
    **more: Any,
) -> Any:
    """Return an option with a value, which ``STEPCLI_<OPTION>`` and the config file can set too.

    The other parameters are those of ``ValueSpec``. If it is ``repeatable``, the environment
    variable has a value per line. If it ``reads_files`` as well, a value ``@FILE`` stands for the
    lines of a file.
    """
    key = _long(names)
    variable = "STEPCLI_" + key.upper().replace("-", "_")
    if repeatable:
        more["click_type"] = _Line()
    if reads_files:
        more["callback"] = _values_with_files
    made = typer.Option(
        *names, help=help, envvar=variable, show_envvar=False, case_sensitive=False, **more
    )
    spec = ValueSpec(_kinds(kind), default_text, limits, key, check, once, optional_value, advanced)
    return with_spec(made, spec)


def flag(*names: str, help: str, advanced: bool = False, **more: Any) -> Any:
    """Return an option without a value, which the config file can set too."""
    made = typer.Option(*names, help=help, **more)
    return with_spec(made, ValueSpec(config_key=_long(names), advanced=advanced))


def argument(*, help: str, kind: Kind | tuple[Kind, ...] = (), **more: Any) -> Any:
    """Return a positional argument."""
    return with_spec(typer.Argument(help=help, **more), ValueSpec(_kinds(kind)))


class _Line(StringParamType):
    """A value of a repeatable option: a line of its environment variable."""

    envvar_list_splitter = "\n"


def _values_with_files(values: list[str] | None) -> list[str]:
    """Return ``values`` with each ``@FILE`` replaced by the values that the file lists."""
    found: list[str] = []
    for value in values or ():
        found += listed_values(Path(value[1:])) if value.startswith("@") else [value]
    return found


def _long(names: tuple[str, ...]) -> str:
    return next(name for name in names if name.startswith("--")).removeprefix("--")


def _kinds(kind: Kind | tuple[Kind, ...]) -> tuple[Kind, ...]:
    return kind if isinstance(kind, tuple) else (kind,)
