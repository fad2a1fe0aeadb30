"""The commands as JSON."""

from __future__ import annotations

from stepcli import __version__
from stepcli.cli.docs.reference import reference
from tests.support.command_tree import COMMANDS, PROGRAM


def test_reference_has_every_command_and_option() -> None:
    found = reference(PROGRAM)
    assert found["version"] == __version__
    options = {
        command["name"]: {name for option in command["options"] for name in option["names"]}
        for command in found["commands"]
    }
    assert options == {
        command.name: {name for option in command.options for name in option.names}
        for command in COMMANDS
    }


def test_reference_has_the_facts_of_an_option() -> None:
    (command,) = (one for one in COMMANDS if one.path == ("speak",))
    (speak,) = reference(command)["commands"]
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


def test_reference_has_every_exit_code_with_its_error_type() -> None:
    codes = {one["code"]: one["type"] for one in reference(PROGRAM)["exit_codes"]}
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
