"""Help, manual and completions tell of the same options."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcli.cli.completion import candidates
from stepcli.cli.completion.scripts import FILES
from stepcli.cli.docs.man import page_name
from stepcli.cli.docs.model import Command
from stepcli.cli.params.config_keys import option_of
from tests.support.program import Finished

ROOT = Path(__file__).parents[3]

_IN_HELP = re.compile(r"^ {2,6}((?:-\w, )?--[\w-]+)", re.MULTILINE)
_IN_MANUAL = re.compile(r"^\.TP\n(.*)", re.MULTILINE)
_NAME = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")


Helped = Callable[[Command], Finished]


def _listed(help: Finished) -> set[str]:
    """The names of options that ``--help`` lists."""
    return {name for names in _IN_HELP.findall(help.stdout) for name in _NAME.findall(names)}


def test_same_in_the_manual(command: Command, shown_help: Helped) -> None:
    """The manual has every option that ``--help`` has, and no other."""
    page = (ROOT / "man" / f"{page_name(command)}.1").read_text()
    options = page[page.index(".SH OPTIONS") : page.index(".SH EXAMPLES")].replace(r"\-", "-")
    terms = [re.sub(r"\\f.", "", term) for term in _IN_MANUAL.findall(options)]
    listed = {name for term in terms for name in _NAME.findall(term)}
    assert listed == _listed(shown_help(command))
    assert "--help" in listed


def test_same_in_powershell(command: Command, shown_help: Helped) -> None:
    """So has the PowerShell script, where no PowerShell is needed to see it."""
    script = (ROOT / "completions" / FILES["powershell"]).read_text()
    block = script[script.index(f"        '{' '.join(command.path)}' = @{{\n") :]
    options = block[: block.index("Values")]
    assert set(re.findall(r"Offer '(-[^']*)'", options)) == _listed(shown_help(command))


def test_every_option_is_told_apart(command: Command) -> None:
    """No two options of a command share a name, in whatever case: PowerShell knows none."""
    names = [name.lower() for option in command.options for name in option.names]
    assert len(names) == len(set(names))


def test_every_option_says_what_it_does(command: Command) -> None:
    """No option, command or value is left without a word about it."""
    assert command.summary
    for option in command.options:
        assert option.help, option.long
        if option.repeatable:
            assert "Repeatable." in option.help, option.long


def test_config_keys(program: Command) -> None:
    """The config file's page has a key for every option that takes a value."""
    page = (ROOT / "man" / "stepcli-config.5").read_text().replace(r"\-", "-")
    keys = set(re.findall(r"^\\fB([\w-]+)\\fR = ", page, re.MULTILINE))
    for command in program.all():
        assert {one.long[2:] for one in command.options if one.metavar} <= keys


def test_completed_config_keys_can_be_set(program: Command) -> None:
    """``stepcli config`` knows every key that TAB offers, unless it means several things."""
    for key in candidates.settings(program):
        if "." in key:
            assert option_of(key)


@pytest.mark.parametrize("shell", FILES)
def test_no_value_is_forgotten(shell: str, program: Command) -> None:
    """Every choice of every option is in every shell's script."""
    script = (ROOT / "completions" / FILES[shell]).read_text()
    for command in program.all():
        for option in command.options:
            assert all(choice in script for choice in option.choices)
