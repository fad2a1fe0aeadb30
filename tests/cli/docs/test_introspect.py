"""The conversion of the command tree into its model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stepcli.cli.docs.help import HelpPage, Styles
from stepcli.cli.docs.model import Command, Option
from tests.support.command_tree import COMMANDS

ROOT = Path(__file__).parents[3]

_IN_HELP = re.compile(r"^ {2,6}((?:-\w, )?--[\w-]+(?:, --[\w-]+)*)", re.MULTILINE)
_IN_MANUAL = re.compile(r"^\.TP\n(.*)", re.MULTILINE)
_NAME = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")


def _option(path: str, long: str) -> Option:
    command = next(one for one in COMMANDS if " ".join(one.path) == path)
    return next(one for one in command.options if one.long == long)


def _in_help(command: Command) -> set[str]:
    """Return the option names on the help page of ``command``."""
    page = HelpPage(100, Styles(bold="", cyan="", plain="")).render(command)
    return {name for names in _IN_HELP.findall(page) for name in _NAME.findall(names)}


def test_manual_lists_the_same_options_as_help(command: Command) -> None:
    page = (ROOT / "man" / f"{command.page_name}.1").read_text()
    options = page[page.index(".SH OPTIONS") : page.index(".SH EXAMPLES")].replace(r"\-", "-")
    terms = [re.sub(r"\\f.", "", term) for term in _IN_MANUAL.findall(options)]
    in_manual = {name for term in terms for name in _NAME.findall(term)}
    assert in_manual == _in_help(command)
    assert "--help" in in_manual


def test_option_names_differ_in_more_than_case(command: Command) -> None:
    """PowerShell compares names without case."""
    names = [name.lower() for option in command.options for name in option.names]
    assert len(names) == len(set(names))


def test_every_command_and_option_has_help(command: Command) -> None:
    assert command.summary
    for option in command.options:
        assert option.help, option.long
        if option.repeatable:
            assert "Repeatable." in option.help, option.long


@pytest.mark.parametrize(
    ("path", "long", "notes"),
    [
        ("speak", "--jobs", ("1 to 64", "default: auto")),
        ("speak", "--format", ("default: from FILE's extension, else mp3",)),
        ("speak", "--timeout", ("default: 180",)),
        ("speak", "--play", ()),
    ],
)
def test_notes_are_the_range_and_the_default(path: str, long: str, notes: tuple[str, ...]) -> None:
    """A range whose upper bound only rejects absurd values is left out."""
    assert _option(path, long).notes == notes


def test_described_default_is_shown_instead_of_the_value() -> None:
    assert _option("speak", "--sample-rate").notes == ("default: 24000",)


def test_limits_that_the_command_enforces_are_shown() -> None:
    assert _option("speak", "--speed").notes == ("0.5 to 2", "default: 1.0")


def test_every_option_but_those_of_the_program_has_a_config_key() -> None:
    """Defined with ``option`` or ``flag``, which also know its kind; not with ``typer.Option``."""
    without = {
        option.long for command in COMMANDS for option in command.options if not option.config_key
    }
    assert without == {"--help", "--version", "--install-completion", "--show-completion"}


def test_enum_members_become_choices() -> None:
    assert _option("stream", "--mode").choices == ("auto", "default", "sentence")
