"""The generated tables of the README."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from stepcli.cli.docs.model import (
    ENVIRONMENT,
    OPTION_VARIABLE,
    Command,
    error_types,
    exit_codes,
)

_TABLE = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Row = Sequence[str]


def with_tables(readme: str, program: Command) -> str:
    """Return ``readme`` with every table between its comments generated anew.

    Raise KeyError for the name of an unknown table.
    """
    return _TABLE.sub(lambda found: f"{found[1]}{_table(found[2], program)}{found[3]}", readme)


def _commands(program: Command) -> Iterator[Row]:
    """Yield a row for each command, and one for all commands of a group."""
    yield "command", "what it does"
    for command in program.commands:
        names = (" ".join(one.path) for one in command.commands or [command])
        yield _code(names), command.summary.rstrip(".")


def _exit_codes(_program: Command) -> Iterator[Row]:
    types = error_types()
    yield "code", "`error.type`", "meaning"
    for code, meaning in exit_codes().items():
        yield code, types.get(int(code), ""), meaning.rstrip(".")


def _environment(_program: Command) -> Iterator[Row]:
    yield "variable", "meaning"
    for names, meaning in (OPTION_VARIABLE | ENVIRONMENT).items():
        yield _code(names.split(", ")), meaning.rstrip(".")


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(name: str, program: Command) -> str:
    heading, *body = TABLES[name](program)
    lines = (heading, ["---"] * len(heading), *body)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


TABLES: dict[str, Callable[[Command], Iterable[Row]]] = {
    "commands": _commands,
    "exit codes": _exit_codes,
    "environment": _environment,
}
"""The tables by the names in the comments of the README."""
