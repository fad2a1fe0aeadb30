"""``stepcli config``: validation, precedence, and preservation of the file."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path

import pytest

from tests.support.program import Program

WRITTEN = """\
# my settings
voice = "lively-girl"  # the default one

[speak]   # only there
# slow is nice
speed = 0.8
pronounce = [
  "LOL/laugh out loudly",  # of course
]
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
        ("voice", ["vibrant-youth"], "vibrant-youth"),
        ("speak.speed", ["1.25"], 1.25),
        ("speak.sample-rate", ["16000"], 16000),
        ("sample_rate", ["16000"], 16000),
        ("timeout", ["20"], 20.0),
        ("quiet", ["yes"], True),
        ("quiet", ["off"], False),
        ("speak.format", ["flac"], "flac"),
        ("pronounce", ["A/B", "C/D"], ["A/B", "C/D"]),
        ("auth.status.timeout", ["5"], 5.0),
        ("instruction", ["你好"], "你好"),
        ("aliases.mum", ["voice-tone-1"], "voice-tone-1"),
        ("transcribe.hotword", ["one"], ["one"]),
    ],
)
def test_values_have_the_type_of_their_option(
    offline: Program, file: Path, key: str, words: list[str], value: object
) -> None:
    done = offline("config", "set", key, *words)
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    held: object = tomllib.loads(file.read_text())
    for name in key.split("."):
        assert isinstance(held, dict)
        held = held[name]
    assert held == value
    assert type(held) is type(value)
    assert json.loads(offline("config", "get", key, "--json").stdout) == {key: value}
    assert json.loads(offline("config", "list", "--json").stdout) == {key: value}


@pytest.mark.parametrize(
    ("key", "words", "says"),
    [
        ("timeout", ["soon"], "soon"),
        ("timeout", ["-1"], "-1"),
        ("speak.format", ["m4a"], "m4a"),
        ("quiet", ["maybe"], "maybe"),
        ("voice", ["one", "two"], "one value"),
        ("vioce", ["x"], "did you mean voice?"),
        ("speak.vioce", ["x"], "did you mean speak.voice?"),
        ("nothing-like-it", ["x"], "--help"),
        ("speak", ["x"], "no such setting: 'speak'"),
        ("model", ["x"], "speak.model, stream.model"),
        ("api_key", ["sk-1"], "stepcli auth login"),
        ("speak.STEP_API_KEY", ["sk-1"], "stepcli auth login"),
        ("aliases.two words", ["x"], "cannot be a name"),
        ("aliases.lively-girl", ["x"], "cannot be a name"),
        ("aliases.", ["x"], "cannot be a name"),
        ("help", ["true"], "no such setting"),
        ("speed", ["9"], "outside 0.5 to 2"),
        ("speak.volume", ["0"], "outside 0.1 to 2"),
        ("sample-rate", ["11025"], "not one of 8000"),
        ("stream.instruction", ["x" * 201], "at most 200"),
        ("pronounce", ["LOL"], "WRITTEN/SPOKEN"),
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


def test_set_and_unset_restore_the_file_byte_for_byte(offline: Program, written: Path) -> None:
    assert offline("config", "set", "timeout", "20").code == 0
    assert offline("config", "set", "speak.volume", "1.5").code == 0
    assert "# of course" in written.read_text()
    assert tomllib.loads(written.read_text())["timeout"] == 20
    assert offline("config", "unset", "timeout").code == 0
    assert offline("config", "unset", "speak.volume").code == 0
    assert written.read_text() == WRITTEN


def test_replaced_value_keeps_its_comment(offline: Program, written: Path) -> None:
    offline("config", "set", "voice", "vibrant-youth")
    assert 'voice = "vibrant-youth"  # the default one\n' in written.read_text()


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


def test_underscores_and_dashes_are_equivalent(offline: Program, file: Path) -> None:
    offline("config", "set", "sample_rate", "16000")
    offline("config", "set", "sample-rate", "8000")
    assert tomllib.loads(file.read_text()) == {"sample_rate": 8000}


def test_set_keeps_the_mode_and_a_symbolic_link(
    offline: Program, file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text(WRITTEN)
    target.chmod(0o600)
    file.parent.mkdir(parents=True)
    file.symlink_to(target)
    assert offline("config", "set", "voice", "vibrant-youth").code == 0
    assert file.is_symlink()
    assert "vibrant-youth" in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*.part")] == []


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


def test_key_below_a_plain_value_is_rejected(offline: Program, file: Path) -> None:
    """``speak = 3`` cannot contain ``speak.voice``."""
    file.parent.mkdir(parents=True)
    file.write_text("speak = 3\n")
    assert offline("config", "set", "speak.voice", "x").code == 2
    assert file.read_text() == "speak = 3\n"


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


def test_parameter_names_match_their_long_options() -> None:
    """The config file finds the parameter of a key by its name."""
    from stepcli.cli.app import root_command
    from stepcli.cli.params.config_keys import _settings

    for key, setting in _settings(root_command()):
        name = (setting.option.name or "").rstrip("_")  # from_ is a word of Python
        assert key.rpartition(".")[2].replace("-", "_") == name, key


@pytest.mark.parametrize("broken", [("--speed", "9"), ("-f", "no such file")])
def test_json_setting_applies_to_errors(offline: Program, broken: tuple[str, str]) -> None:
    """As far as the arguments can be parsed."""
    offline("config", "set", "speak.json", "true")
    done = offline("speak", *broken, "-o", "x.mp3", "--dry-run")
    assert done.code == 2
    assert json.loads(done.stderr)["error"]["exit_code"] == 2


@pytest.mark.parametrize(("first", "second"), [("base_url", "base-url"), ("base-url", "base_url")])
def test_set_keeps_the_spelling_in_the_file(offline: Program, first: str, second: str) -> None:
    offline("config", "set", first, "http://127.0.0.1:1/v1")
    offline("config", "set", second, "http://127.0.0.1:2/v1")
    assert list(json.loads(offline("config", "list", "--json").stdout)) == [first]
    assert offline("config", "get", first).stdout == "http://127.0.0.1:2/v1\n"
