"""``stepcli config``: validation, precedence, and preservation of the file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.support.program import Program

WRITTEN = """\
voice = "lively-girl"
[speak]
speed = 0.8
pronounce = ["LOL/laugh out loudly"]
"""


@pytest.fixture
def file(home: Path) -> Path:
    return home / ".config/stepcli/config.toml"


@pytest.fixture
def written(file: Path) -> Path:
    file.parent.mkdir(parents=True)
    file.write_text(WRITTEN)
    return file


def test_path_prints_the_file_in_use(offline: Program, file: Path, tmp_path: Path) -> None:
    """Whether it exists or not, and the file of STEPCLI_CONFIG if set."""
    assert offline("config", "path").stdout == f"{file}\n"
    reported = json.loads(offline("config", "path", "--json").stdout)
    assert reported == {"path": str(file), "exists": False}
    other = str(tmp_path / "other.toml")
    assert offline("config", "path", STEPCLI_CONFIG=other).stdout == f"{other}\n"


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("speak.speed", ["1.25"], 1.25),
        ("pronounce", ["A/B", "C/D"], ["A/B", "C/D"]),
        ("aliases.mum", ["voice-tone-1"], "voice-tone-1"),
    ],
)
def test_value_that_was_set_is_printed(
    offline: Program, file: Path, key: str, words: list[str], value: object
) -> None:
    done = offline("config", "set", key, *words)
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    held: object = tomllib.loads(file.read_text())
    for name in key.split("."):
        assert isinstance(held, dict)
        held = held[name]
    assert held == value
    assert json.loads(offline("config", "get", key, "--json").stdout) == {key: value}
    assert json.loads(offline("config", "list", "--json").stdout) == {key: value}


@pytest.mark.parametrize(
    ("key", "words", "says"),
    [
        ("timeout", ["soon"], "soon"),
        ("vioce", ["x"], "did you mean voice?"),
        ("api_key", ["sk-1"], "stepcli auth login"),
        ("aliases.two words", ["x"], "cannot be a name"),
        ("aliases.mum", ["x", "y"], "one value"),
        ("speed", ["9"], "outside 0.5 to 2"),
        ("speak.volume", ["0"], "outside 0.1 to 2"),
        ("sample-rate", ["11025"], "not one of 8000"),
        ("stream.instruction", ["x" * 201], "at most 200"),
        ("pronounce", ["LOL"], "WRITTEN/SPOKEN"),
        ("speak.cast", ["Ben=ben", "Anna"], "no voice for Anna"),
        ("transcribe.from", ["x"], "invalid value for '--from'"),
        ("transcribe.replace", ["x"], "must be A=B"),
    ],
)
def test_set_rejects_invalid_keys_and_values(
    offline: Program, file: Path, key: str, words: list[str], says: str
) -> None:
    """The exit code is 2 and the file is unchanged."""
    done = offline("config", "set", key, "--", *words)
    assert done.code == 2
    assert says in done.stderr
    assert "sk-1" not in done.stderr
    assert not file.exists()


def test_set_applies_the_limits_of_the_configured_model(offline: Program) -> None:
    assert offline("config", "set", "speak.model", "next-tts").code == 0
    assert offline("config", "set", "speak.speed", "3").code == 0
    assert offline("config", "set", "stream.speed", "3").code == 2


def test_list_prints_every_key_and_value(offline: Program, written: Path) -> None:
    assert offline("config", "list").stdout == (
        'voice = "lively-girl"\nspeak.speed = 0.8\nspeak.pronounce = ["LOL/laugh out loudly"]\n'
    )
    assert written.read_text() == WRITTEN


def test_list_escapes_control_characters_in_a_pipe(offline: Program, file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text('instruction = "calm\\u001b[2J\\u202e"\n"k\\u0085ey" = 1\n')
    listed = offline("config", "list").stdout
    assert set(listed) & set("\x1b\x85\u202e") == set()
    assert len(listed.splitlines()) == 2


def test_get_prints_the_bare_value(offline: Program, written: Path) -> None:
    """A list is printed on lines. Exit code 1 means not set, 2 means an invalid key."""
    assert written.exists()
    assert offline("config", "get", "voice").stdout == "lively-girl\n"
    assert offline("config", "get", "speak.pronounce").stdout == "LOL/laugh out loudly\n"
    assert offline("config", "get", "speak.speed").stdout == "0.8\n"
    unset = offline("config", "get", "speak.volume")
    assert (unset.code, unset.stdout) == (1, "")
    assert offline("config", "get", "vioce").code == 2


def test_unset_succeeds_for_a_valid_key_that_is_not_set(offline: Program, written: Path) -> None:
    assert offline("config", "unset", "voice").code == 0
    assert "voice" not in written.read_text()
    assert offline("config", "unset", "voice").code == 0
    assert offline("config", "unset", "vioce").code == 2


def test_invalid_toml_is_reported_and_not_overwritten(offline: Program, file: Path) -> None:
    """``config path`` still works."""
    file.parent.mkdir(parents=True)
    file.write_text("voice = ")
    done = offline("config", "set", "voice", "x")
    assert done.code == 2
    assert str(file) in done.stderr
    assert file.read_text() == "voice = "
    assert offline("config", "path").code == 0
    assert offline("speak", "hi", "-o", "x.mp3").code == 2


def test_set_creates_the_file_of_the_environment_variable(offline: Program, tmp_path: Path) -> None:
    """Missing directories are created as well."""
    named = tmp_path / "deep/er/named.toml"
    assert offline("config", "set", "voice", "x", STEPCLI_CONFIG=str(named)).code == 0
    assert tomllib.loads(named.read_text()) == {"voice": "x"}


def test_most_specific_setting_takes_precedence(stepcli: Program, file: Path) -> None:
    """A command, its group and the top level can all set a key."""
    file.parent.mkdir(parents=True)
    file.write_text('timeout = "never"\n[auth]\ntimeout = 9\n')
    assert stepcli("auth", "status").code == 0
    wrong = stepcli("speak", "Hi.", "-o", "x.mp3")
    assert wrong.code == 2
    assert f"hint: it is set in {file}" in wrong.stderr
    file.write_text('[auth]\ntimeout = 9\n[auth.status]\ntimeout = "never"\n')
    assert stepcli("auth", "status").code == 2


@pytest.mark.parametrize("broken", [("--speed", "9"), ("-f", "no such file")])
def test_json_setting_applies_to_errors(offline: Program, broken: tuple[str, str]) -> None:
    """As far as the arguments can be parsed."""
    offline("config", "set", "speak.json", "true")
    done = offline("speak", *broken, "-o", "x.mp3", "--dry-run")
    assert done.code == 2
    assert json.loads(done.stderr)["error"]["exit_code"] == 2
