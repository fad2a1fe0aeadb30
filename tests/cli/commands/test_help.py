"""``stepcli help``: pages for people, JSON and a skill file for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepcli import __version__
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


def described(stepcli: InProcess, *words: str) -> dict[str, Any]:
    done = stepcli("help", "--json", *words)
    assert done.code == 0, done.stderr
    described: dict[str, Any] = json.loads(done.stdout)
    return described


def test_json_has_every_command_and_option(stepcli: InProcess) -> None:
    reference = described(stepcli)
    assert reference["version"] == __version__
    found = {
        command["name"]: {name for option in command["options"] for name in option["names"]}
        for command in reference["commands"]
    }
    assert found == {
        command.name: {name for option in command.options for name in option.names}
        for command in COMMANDS
    }


def test_json_has_the_facts_of_an_option(stepcli: InProcess) -> None:
    (speak,) = described(stepcli, "speak")["commands"]
    options = {option["names"][-1]: option for option in speak["options"]}
    assert options["--speed"] == {
        "names": ["--speed"],
        "value": "X",
        "type": "number",
        "choices": [],
        "minimum": 0.5,
        "maximum": 2.0,
        "default": None,
        "default_text": "1.0",
        "repeatable": False,
        "environment": "STEPCLI_SPEED",
        "config_key": "speed",
        "group": "Voice and style",
        "advanced": False,
        "help": "Speed factor.",
    }
    assert set(options["--format"]["choices"]) == {"mp3", "wav", "flac", "opus", "pcm"}
    assert options["--voice"]["default"] == "lively-girl"
    assert options["--retries"]["type"] == "integer"
    assert options["--play"]["type"] == "boolean"
    assert options["--pronounce"]["repeatable"] is True
    assert speak["arguments"] == [
        {
            "name": "TEXT",
            "help": "Text to speak; if omitted or '-', it is read from stdin.",
            "required": False,
            "repeatable": True,
        }
    ]


def test_json_has_every_exit_code_with_its_error_type(stepcli: InProcess) -> None:
    codes = {one["code"]: one["type"] for one in described(stepcli)["exit_codes"]}
    assert codes == {
        0: None,
        1: "internal",
        2: "usage",
        3: "auth",
        4: "quota",
        5: "timeout",
        6: "network",
        7: "device",
        8: "output",
        10: "content",
        130: "interrupted",
        143: "interrupted",
    }


def test_skill_file_is_printed(stepcli: InProcess) -> None:
    assert stepcli("help", "--skill").stdout == skill_file(PROGRAM)


@pytest.mark.parametrize("words", [("--skill", "speak"), ("--skill", "--json")])
def test_skill_file_is_for_all_commands(stepcli: InProcess, words: tuple[str, ...]) -> None:
    assert stepcli("help", *words).code == 2
