"""What the scripts of all shells have in common."""

from __future__ import annotations

from collections.abc import Iterator

from stepcli.cli.pages.description import Command, Option

NOTE = "# Completion of stepcli for {shell}; made from its commands by python -m stepcli.cli.pages"


def commands(program: Command) -> Iterator[tuple[str, Command]]:
    """Every command and its path as one string, ``""`` for the program."""
    for command in program.all():
        yield " ".join(command.path), command


def about(option: Option) -> str:
    """The first sentence of an option's help."""
    return sentence(option.help)


def sentence(text: str) -> str:
    first, _, _ = text.replace("`", "").partition(". ")
    return first.rstrip(".:")


def quoted(text: str) -> str:
    """One word for a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
