"""A program whose help texts and values have every character that a shell would interpret."""

from __future__ import annotations

from stepcli.cli.docs.model import Argument, Command, Option
from stepcli.cli.params.values import Choices, Files


def _option(*names: str, metavar: str | None = None, repeatable: bool = False) -> Option:
    return Option(
        names, metavar, "Don't: [a\\b]. More.", (), None, (), "", repeatable, "string",
        kinds=(Choices(("a:b", "c")),) if metavar else (),
    )  # fmt: skip


def _command(*path: str, commands: tuple[Command, ...] = ()) -> Command:
    options = (_option("--all", "-a"), _option("--kind", metavar="K", repeatable=True))
    file = Argument("FILE", "[FILE]", "A file.", (Files(("wav", "mp3")),))
    words = () if commands else (file,)
    return Command(path, "Say: it's.", (), words, options, commands, (), (), "")


PROGRAM = _command(commands=(_command("say"),))
