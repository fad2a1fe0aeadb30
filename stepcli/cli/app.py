"""The command tree. A command's module is imported only when that command is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer

from stepcli import __version__
from stepcli.cli.invocation import Invocation
from stepcli.cli.params._click import (
    ClickException,
    ClickUsageError,
    Command,
    Context,
    TyperGroup,
)
from stepcli.cli.params.command import HelpedGroup
from stepcli.cli.params.command_line import normalized
from stepcli.cli.params.common_options import common_options
from stepcli.cli.params.config_defaults import defaults_for
from stepcli.cli.params.usage_errors import unknown_command_hint, usage_error
from stepcli.errors import UsageError

COMMANDS = (
    "speak",
    "stream",
    "transcribe",
    "voices",
    "devices",
    "auth",
    "config",
    "doctor",
    "clean",
    "sandbox",
    "help",
)
GROUPS = ("voices", "auth", "config")


class _LazyCommands(MutableMapping[str, Any]):
    """Names known at once, commands built when asked for."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        if name not in self._built:
            self._built[name] = _build(name)
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _build(name: str) -> Any:
    module = import_module(f"stepcli.cli.commands.{name}")
    command = typer.main.get_command(module.app)
    command.name = name
    return command


class _Stepcli(HelpedGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _LazyCommands()

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        if args[0] not in COMMANDS and (hint := unknown_command_hint(args, COMMANDS)):
            raise UsageError(f"no such command {args[0]!r}", hint=hint)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="stepcli",
    cls=_Stepcli,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def root_command() -> TyperGroup:
    """Return the command tree."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    return root


def _version(_root: Command) -> str:
    return f"stepcli {__version__}"


def _shown_completion(root: Command) -> str:
    from stepcli.cli.completion.install import shown_script
    from stepcli.cli.docs.introspect import program_model

    return shown_script(program_model(root))


def _installed_completion(root: Command) -> str:
    from stepcli.cli.completion.install import install
    from stepcli.cli.docs.introspect import program_model

    return install(program_model(root))


def _prints(*names: str, text_for: Callable[[Command], str], help: str) -> Any:
    """Return a flag that prints the text for the root command and exits."""

    def callback(context: typer.Context, wanted: bool) -> None:
        if wanted:
            context.obj.terminal.page(text_for(context.command))
            raise typer.Exit

    return typer.Option(False, *names, help=help, callback=callback)


@app.callback()
def stepcli(  # its flags' callbacks do the work
    version: bool = _prints(
        "--version", "-V", text_for=_version, help="Show the version and exit."
    ),
    install_completion: bool = _prints(
        "--install-completion",
        text_for=_installed_completion,
        help="Install completion for the current shell.",
    ),
    show_completion: bool = _prints(
        "--show-completion",
        text_for=_shown_completion,
        help="Print the completion script for the current shell.",
    ),
) -> None:
    """Speak text and transcribe audio from the terminal.

    `stepcli help COMMAND` prints the help of a command. The common options may also precede the
    command: `stepcli --json voices list`.
    """


def run(invocation: Invocation) -> int:
    """Parse and run one command line and return its exit code.

    Raise UsageError for a command line that cannot be parsed.
    """
    try:
        code = _invoke(invocation)
    except typer.Exit as exc:
        return exc.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except ClickUsageError as exc:
        raise usage_error(exc, invocation.arguments, invocation.environ) from None
    except ClickException as exc:
        raise UsageError(exc.format_message()) from None
    return code if isinstance(code, int) else 0


def _invoke(invocation: Invocation) -> object:
    """Return what the command returns.

    Typer's own ``main`` would handle Ctrl-C and closed pipes its own way.
    """
    arguments = normalized(invocation.arguments, GROUPS, common_options())
    invocation.arguments = tuple(arguments)
    tree = root_command()
    flags = ["help", *(parameter.name for parameter in tree.params)]
    defaults = defaults_for(
        arguments, GROUPS, flags, invocation.environ, invocation.warnings.append
    )
    context = tree.make_context("stepcli", arguments, default_map=defaults, obj=invocation)
    with context:
        return tree.invoke(context)
