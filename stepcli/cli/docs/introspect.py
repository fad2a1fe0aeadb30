"""Conversion of the Typer command tree into the model that help, man and completion render."""

from __future__ import annotations

import inspect
import re
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
from stepcli.cli.params.options import COMMON

_DEFAULT_IN_HELP = re.compile(r"\s*\[default: (.+)\]$")

_LARGEST_SHOWN_BOUND = 10_000


def program_model(root: ClickCommand) -> Command:
    """Return the model of ``root`` and all its subcommands."""
    return command_model(Context(root, info_name=PROGRAM, **root.context_settings))


def command_model(context: Context) -> Command:
    """Return the model of the command of ``context`` and all its subcommands."""
    command, path = context.command, tuple(context.command_path.split()[1:])
    summary, *details = _paragraphs(command)
    help_heading = OPTIONS if isinstance(command, TyperGroup) else COMMON
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    options = (one for one in parameters if isinstance(one, TyperOption))
    return Command(
        path=path,
        summary=summary,
        details=tuple(details),
        arguments=tuple(_argument(one) for one in parameters if isinstance(one, TyperArgument)),
        options=tuple(_option(one, help_heading) for one in options),
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


def _argument(argument: TyperArgument) -> Argument:
    usage = argument.metavar or (argument.name or "").upper()
    if not argument.required and not usage.startswith("["):
        usage = f"[{usage}]"
    return Argument(usage.strip("[]."), usage, _one_line(argument.help))


def _option(option: TyperOption, help_heading: str) -> Option:
    """Return the model of ``option``; ``--help`` itself is listed under ``help_heading``."""
    help, default = _split_default(_one_line(option.help))
    return Option(
        names=tuple(sorted(option.opts, key=len)),
        metavar=None if option.is_flag else option.metavar or (option.name or "").upper(),
        help=help,
        notes=tuple(filter(None, (_range(option), default or _default(option)))),
        variable=option.envvar if isinstance(option.envvar, str) else None,
        choices=tuple(_formatted(choice) for choice in getattr(option.type, "choices", ())),
        heading=help_heading if option.name == "help" else option.rich_help_panel or OPTIONS,
        repeatable=option.multiple,
    )


def _split_default(help: str) -> tuple[str, str]:
    """Return ``help`` without a trailing ``[default: …]``, and that note."""
    if match := _DEFAULT_IN_HELP.search(help):
        return help[: match.start()], f"default: {match[1]}"
    return help, ""


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


def _range(option: TyperOption) -> str:
    """Return the range of ``option``; empty if an upper bound only rejects absurd values."""
    least, most = getattr(option.type, "min", None), getattr(option.type, "max", None)
    if least is None or most is None or most > _LARGEST_SHOWN_BOUND:
        return ""
    return f"{_formatted(least)} to {_formatted(most)}"
