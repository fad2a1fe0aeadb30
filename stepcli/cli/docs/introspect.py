"""Conversion of the Typer command tree into the model that help, man and completion render."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from enum import Enum
from typing import Any

from stepcli.cli.docs.examples import EXAMPLES
from stepcli.cli.docs.model import (
    COMMAND_HEADINGS,
    COMMANDS,
    NOTES,
    OPTIONS,
    PROGRAM,
    Argument,
    Command,
    Option,
)
from stepcli.cli.params._click import Command as ClickCommand
from stepcli.cli.params._click import Context, TyperArgument, TyperGroup, TyperOption
from stepcli.cli.params.common_options import COMMON
from stepcli.cli.params.usage_errors import close_names
from stepcli.cli.params.values import ValueSpec, spec_of
from stepcli.errors import UsageError

_LARGEST_SHOWN_BOUND = 10_000
_JSON_TYPES = {"integer": "integer", "float": "number", "int": "integer"}


def program_model(root: ClickCommand) -> Command:
    """Return the model of ``root`` and all its subcommands."""
    return command_model(Context(root, info_name=PROGRAM, **root.context_settings))


def model_at(root: ClickCommand, path: Sequence[str]) -> Command:
    """Return the model of the command at ``path`` below ``root``.

    Raise UsageError if there is none.
    """
    context = Context(root, info_name=PROGRAM, **root.context_settings)
    for name in path:
        group = context.command
        below = group.commands if isinstance(group, TyperGroup) else {}
        if name not in below:
            close = close_names(name, below)
            hint = f"did you mean {close[0]}?" if close else f"see {context.command_path} --help"
            raise UsageError(f"no such command: {' '.join(path)}", hint=hint)
        context = Context(below[name], parent=context, info_name=name)
    return command_model(context)


def command_model(context: Context) -> Command:
    """Return the model of the command of ``context`` and all its subcommands."""
    command, path = context.command, tuple(context.command_path.split()[1:])
    summary, *details = _paragraphs(command)
    help_heading = OPTIONS if isinstance(command, TyperGroup) else COMMON
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    options = (one for one in parameters if isinstance(one, TyperOption))
    arguments = (one for one in parameters if isinstance(one, TyperArgument))
    return Command(
        path=path,
        summary=summary,
        details=tuple(details),
        arguments=tuple(_argument(one, spec_of(command, one)) for one in arguments),
        options=tuple(_option(one, spec_of(command, one), help_heading) for one in options),
        commands=_subcommands(context),
        examples=EXAMPLES.get(" ".join(path), ()),
        notes=NOTES.get(" ".join(path), ()),
        heading=COMMAND_HEADINGS.get(path[-1] if path else "", COMMANDS),
    )


def _subcommands(context: Context) -> tuple[Command, ...]:
    if not isinstance(context.command, TyperGroup):
        return ()
    return tuple(
        command_model(Context(command, parent=context, info_name=name))
        for name, command in context.command.commands.items()
        if not command.hidden
    )


def _paragraphs(command: ClickCommand) -> list[str]:
    text = inspect.cleandoc(command.help or "")
    return [_one_line(paragraph) for paragraph in text.split("\n\n")]


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _argument(argument: TyperArgument, spec: ValueSpec) -> Argument:
    usage = argument.metavar or ""
    if not argument.required and not usage.startswith("["):
        usage = f"[{usage}]"
    return Argument(usage.strip("[]."), usage, _one_line(argument.help), spec.kinds)


def _option(option: TyperOption, spec: ValueSpec, help_heading: str) -> Option:
    """Return the model of ``option``; ``--help`` itself is listed under ``help_heading``."""
    default = f"default: {spec.default_text}" if spec.default_text else _default(option)
    return Option(
        names=tuple(sorted(option.opts, key=len)),
        metavar=None if option.is_flag else option.metavar,
        help=_one_line(option.help),
        notes=tuple(filter(None, (_range(option, spec), default))),
        variable=option.envvar if isinstance(option.envvar, str) else None,
        choices=tuple(_formatted(choice) for choice in getattr(option.type, "choices", ())),
        heading=help_heading if option.name == "help" else option.rich_help_panel or OPTIONS,
        repeatable=option.multiple,
        type=_type(option),
        default=_plain(option.default),
        default_text=spec.default_text,
        limits=_limits(option, spec),
        kinds=spec.kinds,
        config_key=spec.config_key,
        advanced=spec.advanced,
    )


def _default(option: TyperOption) -> str:
    if option.is_flag or not option.show_default or option.default in (None, []):
        return ""
    return f"default: {_formatted(option.default)}"


def _formatted(value: Any) -> str:
    match value:
        case Enum():
            return str(value.value)
        case float():
            return f"{value:g}"
    return str(value)


def _type(option: TyperOption) -> str:
    if option.is_flag:
        return "boolean"
    return _JSON_TYPES.get(option.type.name.removesuffix(" range"), "string")


def _plain(value: Any) -> object:
    """Return a default as JSON has it; None for the empty list of a repeatable option."""
    value = value.value if isinstance(value, Enum) else value
    return value if isinstance(value, str | int | float) else None


def _limits(option: TyperOption, spec: ValueSpec) -> tuple[float, float] | None:
    least, most = spec.limits or (getattr(option.type, name, None) for name in ("min", "max"))
    return None if least is None or most is None else (least, most)


def _range(option: TyperOption, spec: ValueSpec) -> str:
    """Return the range of ``option``; empty if an upper bound only rejects absurd values."""
    limits = _limits(option, spec)
    if limits is None or limits[1] > _LARGEST_SHOWN_BOUND:
        return ""
    return f"{_formatted(limits[0])} to {_formatted(limits[1])}"
