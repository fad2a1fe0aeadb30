"""``stepcli.cli.params.command_line``: common options before the command, and ``version``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepcli import __version__
from stepcli.cli.app import GROUPS
from stepcli.cli.params.command_line import normalized
from stepcli.cli.params.common_options import common_options
from tests.support.in_process import InProcess


@pytest.mark.parametrize("name", common_options())
@pytest.mark.parametrize("command", [("speak",), ("voices", "list")], ids=" ".join)
def test_common_option_may_stand_anywhere(name: str, command: tuple[str, ...]) -> None:
    forms = [[name, "7"], [f"{name}=7"]] if common_options()[name] else [[name]]
    for option in forms:
        for place in range(len(command) + 1):
            words = [*command[:place], *option, *command[place:], "x"]
            assert normalized(words, GROUPS, common_options()) == [*command, *option, "x"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("-q --timeout 5 speak --json x", "speak -q --timeout 5 --json x"),
        ("-q", ""),
        ("--json", "help --json"),
        ("--json voices", "help --json voices"),
        ("voices -q --json", "help --json voices"),
        ("--json voices --help", "voices --help"),
        ("--json --version", "--version"),
        ("speak x --json", "speak x --json"),
        ("--timeout", "--timeout"),
        ("-v x speak", "-v x speak"),
        ("-q help voices list", "help -q voices list"),
        ("version --json", "--version"),
        ("speak help version", "speak help version"),
    ],
)
def test_command_line_is_normalized(words: str, expected: str) -> None:
    assert normalized(words.split(), GROUPS, common_options()) == expected.split()


def test_option_before_the_command_takes_effect(home: Path) -> None:
    stepcli = InProcess(home)
    for words in (("--json", "config", "path"), ("config", "--json", "path")):
        done = stepcli(*words)
        assert done.code == 0, done.stderr
        assert "path" in json.loads(done.stdout)
    refused = stepcli("--retries", "many", "config", "path")
    assert refused.code == 2
    assert "--retries" in refused.stderr


@pytest.mark.parametrize("word", ["version", "-V", "--version"])
def test_version(word: str, home: Path) -> None:
    done = InProcess(home)(word)
    assert (done.code, done.stdout) == (0, f"stepcli {__version__}\n")
