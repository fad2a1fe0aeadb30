"""``stepcli help``: the help pages, and the same facts for programs."""

from __future__ import annotations

from stepcli.cli.context import Run
from stepcli.cli.io.terminal import is_colored
from stepcli.cli.params._click import current_root
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import argument, flag
from stepcli.errors import UsageError

app = command_app()


@command(app, "help")
def help_(
    run: Run,
    words: list[str] | None = argument("[COMMAND...]", help="Command to describe."),
    *,
    skill: bool = flag(
        "--skill", help="Print a skill file that teaches coding agents to use stepcli."
    ),
) -> None:
    """Print the help of a command.

    With --json, print all commands, arguments, options, exit codes and results as JSON.
    """
    from stepcli.cli.docs.introspect import model_at

    if skill and (words or run.terminal.json):
        raise UsageError("--skill cannot be combined with COMMAND or --json")
    model = model_at(current_root(), words or ())
    if run.terminal.json:
        from stepcli.cli.docs.reference import reference

        run.terminal.result_json(reference(model))
    elif skill:
        from stepcli.cli.docs.skill import skill_file

        run.terminal.page(skill_file(model).rstrip("\n"))
    else:
        from stepcli.cli.docs.help import help_page

        run.terminal.page(help_page(model, colored=is_colored(run.terminal.stdout, run.environ)))
