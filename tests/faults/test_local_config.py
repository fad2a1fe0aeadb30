"""Invalid config files, and config files that must not be trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcli.base_url import BaseURL
from stepcli.errors import StepcliError, UsageError
from stepcli.settings import load_config
from tests.faults.local_rules import quiet
from tests.support.program import Program
from tests.support.service import Sandbox

VALUES = ("[]", "true", "nan", "inf", "-1", "1e999", '""', '["a", "b"]', "{a = 1}", "2020-01-01",
          "[[1]]", '"\\u0000"', '"\\u001b[31m"', "99999999999999999999999")  # fmt: skip
KEYS = ("voice", "speed", "jobs", "timeout", "retries", "format", "pronounce", "play", "file",
        "sample-rate", "text", "base-url", "unheard-of")  # fmt: skip


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "settings.toml"
    path.touch(0o600)
    return path


def _plan(program: Program, config: Path) -> tuple[int, str]:
    done = program("speak", "Hello.", "--dry-run", STEPCLI_CONFIG=str(config))
    return done.code, done.stderr


@pytest.mark.parametrize("value", VALUES)
def test_values_of_the_wrong_type_are_usage_errors(
    offline: Program, config: Path, value: str
) -> None:
    """All keys together show faults of the program; single keys show the message."""
    config.write_text("".join(f"{key} = {value}\n" for key in KEYS))
    code, said = _plan(offline, config)
    assert code in (0, 2), said
    assert quiet(said) == []
    assert "\x1b" not in said
    if value.startswith("{"):
        return  # a table may belong to a command and is not a setting
    config.write_text(f"speed = {value}\n")
    code, said = _plan(offline, config)
    assert code == 2
    assert "--speed" in said
    assert "stepcli: error: " in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x80\xff\x00", "not valid TOML"),
        (b'voice = "x', "not valid TOML"),
        (b"x = " + b"[" * 100_000, "nested too deeply"),
        (b"# comment\n" * 200_000, "larger than 1 MB"),
    ],
)
def test_broken_config_file_is_named(
    offline: Program, config: Path, content: bytes, says: str
) -> None:
    """``help`` and ``config`` still work."""
    config.write_bytes(content)
    code, said = _plan(offline, config)
    assert (code, says in said, str(config) in said) == (2, True, True), said
    environ = {"STEPCLI_CONFIG": str(config)}
    assert offline("speak", "--help", **environ).code == 0
    assert offline("config", "path", **environ).code == 0
    listed = offline("config", "list", **environ)
    assert (listed.code, quiet(listed.stderr)) == (2, [])


def test_endless_config_file_is_refused(offline: Program, config: Path) -> None:
    """So is a directory."""
    assert "larger than 1 MB" in _plan(offline, Path("/dev/zero"))[1]
    assert "Is a directory" in _plan(offline, config.parent)[1]
    assert _plan(offline, Path("/dev/null"))[0] == 0


def test_config_file_that_others_can_write_is_refused(
    stepcli: Program, service: Sandbox, config: Path
) -> None:
    config.write_text(f'base-url = "{service.base}"\n')
    config.chmod(0o646)
    environ = {"STEPCLI_CONFIG": str(config)}
    done = stepcli("auth", "status", **environ)
    assert done.code == 2
    assert "anybody can write" in done.stderr
    assert "chmod go-w" in done.stderr
    assert service.log() == []
    config.chmod(0o664)
    assert stepcli("auth", "status", **environ).code == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_config_file_of_another_user_is_refused(
    monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    """Except for root."""
    os.chown(config, 12345, -1)
    environ = {"STEPCLI_CONFIG": str(config)}
    assert load_config(environ) == {}
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(UsageError, match="another user"):
        load_config(environ)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert load_config(environ) == {}


@pytest.mark.parametrize("option", ["--timeout", "--speed", "--volume"])
def test_nan_and_inf_are_refused(offline: Program, option: str) -> None:
    for word in ("nan", "inf", "-inf"):
        done = offline("speak", "Hello.", "--dry-run", option, word)
        assert (done.code, quiet(done.stderr)) == (2, [])


def test_huge_environment_is_ignored(offline: Program) -> None:
    environ = {f"STEPCLI_X{number}": "x" * 1000 for number in range(500)}
    assert offline("speak", "Hello.", "--dry-run", **environ).code == 0
    done = offline("speak", "Hello.", "--dry-run", STEPCLI_SPEED="9" * 100_000)
    assert (done.code, quiet(done.stderr)) == (2, [])


@settings(max_examples=150)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_settings_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    path.chmod(0o600)
    try:
        load_config({"STEPCLI_CONFIG": str(path)})
    except StepcliError as failure:
        said = failure.message
    else:
        said = str(path)
    assert str(path) in said


@settings(max_examples=300)
@given(
    st.text(max_size=60) | st.from_regex(r"https?://[\[\]:@/?#.a-zA-Z0-9%-]{0,40}", fullmatch=True)
)
def test_any_base_url_is_safe_or_refused(url: str) -> None:
    """A safe base is https or this machine."""
    try:
        checked = str(BaseURL.parse(url))
    except UsageError:
        return
    assert checked.startswith(("https://", "http://127.", "http://localhost", "http://[")), checked
