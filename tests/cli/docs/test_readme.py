"""The generated tables of the README."""

from __future__ import annotations

import re

import pytest

from stepcli.cli.docs.model import Command, exit_codes
from stepcli.cli.docs.readme import TABLES, with_tables
from tests.support.readme import README, section


def test_readme_has_every_table(program: Command) -> None:
    """And what is around the tables is kept."""
    assert sorted(re.findall(r"<!-- generated: (.+) -->", README)) == sorted(TABLES)
    emptied = re.sub(r"(<!-- generated: .+ -->\n)(?:\|.*\n)+", r"\1", README)
    assert emptied != README
    assert with_tables(emptied, program) == README


def test_unknown_table_is_an_error(program: Command) -> None:
    with pytest.raises(KeyError, match="songs"):
        with_tables("<!-- generated: songs -->\n<!-- end -->", program)


def test_table_lists_every_command(program: Command) -> None:
    rows = re.findall(r"^\| (`.+?`) \|", section("Commands"), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(.+?)`", row)]
    leaves = [one for one in program.all() if not one.commands]
    assert sorted(named) == sorted(" ".join(one.path) for one in leaves)


def test_table_lists_every_exit_code() -> None:
    assert re.findall(r"^\| (\d+) \|", section("Scripts and agents"), re.MULTILINE) == list(
        exit_codes()
    )
