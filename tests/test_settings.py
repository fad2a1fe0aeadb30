"""The sources of settings and their validation."""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs
import pytest

from stepcli.errors import UsageError
from stepcli.settings import cache_dir, config_dir, key_path, load_config, state_dir
from tests.support.program import Program
from tests.support.service import Sandbox


def test_file_of_stepcli_config_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_config({"STEPCLI_CONFIG": str(tmp_path / "none.toml")})


def _voice(stepcli: Program, service: Sandbox, *options: str, **environ: str) -> str:
    service.reset()
    done = stepcli("speak", "Hi.", "-o", "x.mp3", *options, **environ)
    assert done.code == 0, done.stderr
    voice: str = service.log("speech")[0]["body"]["voice"]
    return voice


def test_precedence(stepcli: Program, service: Sandbox, home: Path) -> None:
    """Option, environment, the table of the command, the top level, the default."""
    config = home / "config.toml"
    named = {"STEPCLI_CONFIG": str(config)}
    assert _voice(stepcli, service) == "lively-girl"
    config.write_text('voice = "vibrant-youth"\n')
    assert _voice(stepcli, service, **named) == "vibrant-youth"
    config.write_text('voice = "vibrant-youth"\n[speak]\nvoice = "zixinnansheng"\n')
    assert _voice(stepcli, service, **named) == "zixinnansheng"
    named["STEPCLI_VOICE"] = "elegantgentle-female"
    assert _voice(stepcli, service, **named) == "elegantgentle-female"
    assert _voice(stepcli, service, "-v", "soft-spoken-gentleman", **named) == (
        "soft-spoken-gentleman"
    )


def test_default_config_file_is_in_the_platform_directory(stepcli: Program, home: Path) -> None:
    directory = home / "settings" / "stepcli"
    directory.mkdir(parents=True)
    (directory / "config.toml").write_text("sample-rate = 8000\n")
    reported = stepcli(
        "speak", "Hi.", "-o", "x.wav", "--json", XDG_CONFIG_HOME=str(home / "settings")
    )
    assert json.loads(reported.stdout)["sample_rate"] == 8000


@pytest.mark.parametrize(
    ("text", "says"),
    [("voice = ", "not valid TOML"), ("speed = 9.0", "9"), ('sample_rate = "fast"', "fast")],
)
def test_broken_config_file_exits_with_2_and_sends_nothing(
    stepcli: Program, service: Sandbox, home: Path, text: str, says: str
) -> None:
    (home / "broken.toml").write_text(text)
    done = stepcli("speak", "Hi.", "-o", "x.mp3", STEPCLI_CONFIG=str(home / "broken.toml"))
    assert done.code == 2
    assert says in done.stderr
    assert service.log() == []


def test_invalid_value_names_its_variable(stepcli: Program) -> None:
    done = stepcli("speak", "Hi.", "-o", "x.mp3", STEPCLI_SAMPLE_RATE="fast")
    assert done.code == 2
    assert "STEPCLI_SAMPLE_RATE" in done.stderr or "--sample-rate" in done.stderr


@pytest.mark.parametrize("given", [{}, {"XDG_{}_HOME": "/elsewhere"}, {"XDG_{}_HOME": "relative"}])
@pytest.mark.parametrize("kind", ["config", "cache", "state", "data"])
def test_directories_are_those_of_platformdirs(
    kind: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Linux they are found without it."""
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv(f"XDG_{kind.upper()}_HOME", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name.format(kind.upper()), value)
    ours = {"config": config_dir, "cache": cache_dir, "state": state_dir, "data": key_path}[kind]()
    theirs = getattr(platformdirs, f"user_{kind}_path")("stepcli", appauthor=False)
    assert ours == (theirs / "credentials" / "key" if kind == "data" else theirs)
