"""Declaration of options and arguments; help, completion and manual are derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

import typer

from stepcli.cli.io.text_input import listed_values
from stepcli.cli.params._click import StringParamType
from stepcli.cli.params.values import Kind, ValueSpec

Group = TypeVar("Group")


def option(
    usage: str,
    *,
    help: str,
    heading: str | None = None,
    default: Any = None,
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

    ``usage`` has its names and what stands for its value: ``--voice, -v VOICE``. The option is
    assigned to a parameter of a command, or to an attribute of an ``option_group``. Help lists it
    under ``heading``. If it is ``repeatable``, the environment variable has a value per line. If it
    ``reads_files`` as well, a value ``@FILE`` stands for the lines of a file. The other parameters
    are those of ``ValueSpec`` and of ``typer.Option``.
    """
    *names, metavar = _words(usage)
    key = _long(names)
    variable = "STEPCLI_" + key.upper().replace("-", "_")
    if repeatable:
        more["click_type"] = _LineOfVariable()
    if reads_files:
        more["callback"] = _values_with_files
    made = typer.Option(
        default,
        *names,
        help=help,
        rich_help_panel=heading,
        metavar=metavar,
        envvar=variable,
        show_envvar=False,
        case_sensitive=False,
        **more,
    )
    spec = ValueSpec(_kinds(kind), default_text, limits, key, check, once, optional_value, advanced)
    return _with_spec(made, spec)


def flag(
    usage: str, *, help: str, heading: str | None = None, advanced: bool = False, **more: Any
) -> Any:
    """Return an option without a value, which the config file can set too.

    ``usage`` has its names, such as ``--quiet, -q``.
    """
    names = _words(usage)
    made = typer.Option(False, *names, help=help, rich_help_panel=heading, **more)
    return _with_spec(made, ValueSpec(config_key=_long(names), advanced=advanced))


def argument(
    usage: str, *, help: str, default: Any = None, kind: Kind | tuple[Kind, ...] = (), **more: Any
) -> Any:
    """Return a positional argument, which the usage line shows as ``usage``: ``[TEXT...]``.

    It is required if ``default`` is ``...``.
    """
    made = typer.Argument(default, metavar=usage, help=help, **more)
    return _with_spec(made, ValueSpec(_kinds(kind)))


@dataclass_transform(frozen_default=True)
def option_group(heading: str | None = None) -> Callable[[type[Group]], type[Group]]:
    """Make a class with an option for each attribute a frozen dataclass of their values.

    A command with a parameter of this class has these options, after those of the group that the
    class extends. Help lists them under ``heading``.
    """

    def define(group: type[Group]) -> type[Group]:
        options = {name: copy(vars(group)[name]) for name in group.__annotations__}
        for name, made in options.items():
            made.rich_help_panel = made.rich_help_panel or heading
            setattr(group, name, made.default)
        values = dataclass(frozen=True, slots=True)(group)
        values.options = {**options_of(group), **options}  # type: ignore[attr-defined] # see options_of
        return values

    return define


def options_of(group: object) -> Mapping[str, Any]:
    """Return the options of an ``option_group`` by attribute; none for anything else."""
    return getattr(group, "options", {})


def option_names(*groups: object) -> dict[str, bool]:
    """Return the names of the options of ``groups``, such as ``-q``: whether each takes a value."""
    return {
        name: made.default is not False
        for group in groups
        for made in options_of(group).values()
        for name in made.param_decls
    }


def _with_spec(parameter: Any, spec: ValueSpec) -> Any:
    """Return what ``typer.Option`` or ``typer.Argument`` returned, with its ``spec``."""
    parameter.spec = spec
    return parameter


class _LineOfVariable(StringParamType):
    """A value of a repeatable option: a line of its environment variable."""

    envvar_list_splitter = "\n"


def _values_with_files(values: list[str] | None) -> list[str]:
    """Return ``values`` with each ``@FILE`` replaced by the values that the file lists."""
    found: list[str] = []
    for value in values or ():
        found += listed_values(Path(value[1:])) if value.startswith("@") else [value]
    return found


def _words(usage: str) -> list[str]:
    return [word.rstrip(",") for word in usage.split()]


def _long(names: Iterable[str]) -> str:
    return next(name for name in names if name.startswith("--")).removeprefix("--")


def _kinds(kind: Kind | tuple[Kind, ...]) -> tuple[Kind, ...]:
    return kind if isinstance(kind, tuple) else (kind,)
