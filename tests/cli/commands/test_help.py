"""``stepcli help``: pages for people, JSON and a skill file for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepcli.cli.docs.reference import reference
from stepcli.cli.docs.skill import skill_file
from tests.support.command_tree import COMMANDS, PROGRAM
from tests.support.in_process import InProcess


@pytest.fixture
def stepcli(home: Path) -> InProcess:
    return InProcess(home)


@pytest.mark.parametrize("path", [command.path for command in COMMANDS], ids=" ".join)
def test_page_is_that_of_the_command(stepcli: InProcess, path: tuple[str, ...]) -> None:
    done, page = stepcli("help", *path), stepcli(*path, "--help")
    assert (done.code, done.stdout, done.stderr) == (0, page.stdout, "")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("nonsense",), "see stepcli --help"),
        (("speek",), "did you mean speak?"),
        (("voices", "lst"), "did you mean list?"),
        (("speak", "list"), "see stepcli speak --help"),
    ],
)
def test_unknown_command_is_a_usage_error(
    stepcli: InProcess, words: tuple[str, ...], hint: str
) -> None:
    done = stepcli("help", *words)
    assert done.code == 2
    assert f"no such command: {' '.join(words)}" in done.stderr
    assert hint in done.stderr


def test_json_describes_the_command_and_those_below_it(stepcli: InProcess) -> None:
    (voices,) = (one for one in COMMANDS if one.path == ("voices",))
    done = stepcli("help", "--json", "voices")
    assert (done.code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads(json.dumps(reference(voices)))


def test_skill_file_is_printed(stepcli: InProcess) -> None:
    assert stepcli("help", "--skill").stdout == skill_file(PROGRAM)


@pytest.mark.parametrize("words", [("--skill", "speak"), ("--skill", "--json")])
def test_skill_file_is_for_all_commands(stepcli: InProcess, words: tuple[str, ...]) -> None:
    assert stepcli("help", *words).code == 2
