"""Editing of the config file: comments, spelling, mode and links are preserved."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from stepcli.cli.params.config_file import ConfigFile
from stepcli.errors import OutputError, UsageError

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
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def environ(path: Path) -> dict[str, str]:
    return {"STEPCLI_CONFIG": str(path)}


@pytest.fixture
def file(path: Path, environ: dict[str, str]) -> ConfigFile:
    path.write_text(WRITTEN)
    path.chmod(0o600)
    return ConfigFile(environ)


def test_values_have_dotted_keys(file: ConfigFile) -> None:
    assert dict(file.values()) == {
        "voice": "lively-girl",
        "speak.speed": 0.8,
        "speak.pronounce": ["LOL/laugh out loudly"],
    }
    assert type(file.get(["speak", "speed"])) is float
    assert file.get(["speak", "volume"]) is None
    assert file.get(["voice", "volume"]) is None


def test_set_and_unset_restore_the_file_byte_for_byte(file: ConfigFile, path: Path) -> None:
    file.set(["timeout"], 20)
    file.set(["speak", "volume"], 1.5)
    file.save()
    assert "# of course" in path.read_text()
    assert tomllib.loads(path.read_text())["timeout"] == 20
    assert file.unset(["timeout"])
    assert file.unset(["speak", "volume"])
    assert not file.unset(["speak", "volume"])
    assert not file.unset(["stream", "volume"])
    file.save()
    assert path.read_text() == WRITTEN


def test_replaced_value_keeps_its_comment(file: ConfigFile, path: Path) -> None:
    file.set(["voice"], "vibrant-youth")
    file.save()
    assert 'voice = "vibrant-youth"  # the default one\n' in path.read_text()


@pytest.mark.parametrize(
    ("first", "second"), [("sample_rate", "sample-rate"), ("sample-rate", "sample_rate")]
)
def test_underscore_and_dash_are_equal_and_the_spelling_of_the_file_stays(
    environ: dict[str, str], first: str, second: str
) -> None:
    file = ConfigFile(environ)
    file.set([first], 16000)
    file.set([second], 8000)
    assert dict(file.values()) == {first: 8000}
    assert file.get([second]) == 8000
    assert file.unset([second])


def test_names_of_the_user_keep_their_spelling(environ: dict[str, str]) -> None:
    file = ConfigFile(environ)
    file.set(["aliases", "a-b"], "one")
    file.set(["aliases", "a_b"], "two")
    assert dict(file.values()) == {"aliases.a-b": "one", "aliases.a_b": "two"}


def test_mode_and_symbolic_link_stay(path: Path, environ: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text(WRITTEN)
    target.chmod(0o600)
    path.symlink_to(target)
    with ConfigFile.changing(environ) as file:
        file.set(["voice"], "vibrant-youth")
        file.save()
    assert path.is_symlink()
    assert "vibrant-youth" in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert {one.name for one in tmp_path.iterdir()} == {path.name, target.name}


def test_table_and_value_do_not_replace_one_another(file: ConfigFile, path: Path) -> None:
    with pytest.raises(UsageError, match="is a table, not a value"):
        file.set(["speak"], 3)
    with pytest.raises(UsageError, match="is a value, not a table"):
        file.set(["voice", "name"], "x")
    file.save()
    assert path.read_text() == WRITTEN


@pytest.mark.parametrize("content", [b"voice = ", b'a = "\xff"', b"a = " + b"[" * 9999])
def test_file_that_is_not_toml_is_refused(
    path: Path, environ: dict[str, str], content: bytes
) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"config\.toml is (not valid TOML|nested too deeply)"):
        ConfigFile(environ)


def test_missing_directories_are_created(tmp_path: Path) -> None:
    """Only the owner can read them."""
    path = tmp_path / "deep" / "er" / "config.toml"
    with ConfigFile.changing({"STEPCLI_CONFIG": str(path)}) as file:
        assert path.with_name(".config.toml.lock").exists()
        file.set(["voice"], "x")
        file.save()
    assert tomllib.loads(path.read_text()) == {"voice": "x"}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_file_that_could_not_be_saved_is_refused_in_advance(tmp_path: Path) -> None:
    (tmp_path / "blocked").touch()
    file = ConfigFile({"STEPCLI_CONFIG": str(tmp_path / "none" / "config.toml")})
    file.check()
    file.path = tmp_path / "blocked" / "none" / "config.toml"
    with pytest.raises(OutputError, match="cannot create"):
        file.check()
