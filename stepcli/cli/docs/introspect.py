"""Reads the command tree, whatever it holds, into a description."""

from __future__ import annotations

import inspect
import re
from enum import Enum
from typing import Any

import typer
from typer._click.core import Command as TreeCommand
from typer._click.core import Context
from typer.core import TyperArgument, TyperGroup, TyperOption

from stepcli.cli.docs.examples import EXAMPLES
from stepcli.cli.docs.model import (
    COMMAND_CHAPTERS,
    NOTES,
    OPTIONS,
    OTHERS,
    PROGRAM,
    Argument,
    Command,
    Option,
)
from stepcli.cli.params.options import COMMON

_TOLD_DEFAULT = re.compile(r"\s*\[default: (.+)\]$")

_GREAT = 10_000


def describe_program() -> Command:
    """The whole tree."""
    from stepcli.cli.app import app

    tree = typer.main.get_command(app)
    return describe(Context(tree, info_name=PROGRAM, **tree.context_settings))


def describe(context: Context) -> Command:
    """The command of ``context`` and all below it."""
    command, path = context.command, tuple(context.command_path.split()[1:])
    summary, *details = _paragraphs(command)
    last = OPTIONS if isinstance(command, TyperGroup) else COMMON
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    return Command(
        path=path,
        summary=summary,
        details=tuple(details),
        arguments=tuple(_argument(one) for one in parameters if isinstance(one, TyperArgument)),
        options=tuple(_option(one, last) for one in parameters if isinstance(one, TyperOption)),
        commands=_below(context),
        examples=EXAMPLES.get(" ".join(path), ()),
        notes=NOTES.get(" ".join(path), ()),
        chapter=COMMAND_CHAPTERS.get(path[-1] if path else "", OTHERS),
    )


def _below(context: Context) -> tuple[Command, ...]:
    if not isinstance(context.command, TyperGroup):
        return ()
    return tuple(
        describe(Context(command, parent=context, info_name=name))
        for name, command in context.command.commands.items()
        if not command.hidden
    )


def _paragraphs(command: TreeCommand) -> list[str]:
    text = inspect.cleandoc(command.help or "")
    return [_one_line(paragraph) for paragraph in text.split("\n\n")]


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _argument(argument: TyperArgument) -> Argument:
    usage = argument.metavar or (argument.name or "").upper()
    if not argument.required and not usage.startswith("["):
        usage = f"[{usage}]"
    return Argument(usage.strip("[]."), usage, _one_line(argument.help))


def _option(option: TyperOption, help_chapter: str) -> Option:
    help, default = _told_default(_one_line(option.help))
    return Option(
        names=tuple(sorted(option.opts, key=len)),
        metavar=None if option.is_flag else option.metavar or (option.name or "").upper(),
        help=help,
        notes=tuple(filter(None, (_range(option), default or _default(option)))),
        variable=option.envvar if isinstance(option.envvar, str) else None,
        choices=tuple(_shown(choice) for choice in getattr(option.type, "choices", ())),
        chapter=help_chapter if option.name == "help" else option.rich_help_panel or OPTIONS,
        repeatable=option.multiple,
    )


def _told_default(help: str) -> tuple[str, str]:
    """The help without the default that it tells in words, and that default."""
    if told := _TOLD_DEFAULT.search(help):
        return help[: told.start()], f"default: {told[1]}"
    return help, ""


def _default(option: TyperOption) -> str:
    if option.is_flag or not option.show_default or option.default in (None, []):
        return ""
    return f"default: {_shown(option.default)}"


def _shown(value: Any) -> str:
    match value:
        case Enum():
            return str(value.value)
        case float():
            return f"{value:g}"
    return str(value)


def _range(option: TyperOption) -> str:
    """Where one could go wrong; a greater bound only keeps nonsense out."""
    least, most = getattr(option.type, "min", None), getattr(option.type, "max", None)
    if least is None or most is None or most > _GREAT:
        return ""
    return f"{_shown(least)} to {_shown(most)}"
