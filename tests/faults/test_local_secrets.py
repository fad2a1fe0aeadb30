"""The API key, private files, and escape sequences on the terminal."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.faults.local_rules import quiet
from tests.faults.local_signals import furnish
from tests.support.program import COMMAND, Program, until
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal

KEY = "sk-nobody-sees-this-0123456789"
LONG = " ".join(f"Sentence number {number} of a text that is rather long." for number in range(24))


@pytest.fixture
def spied(stepcli: Program) -> Program:
    """An ffmpeg that records its arguments and environment."""
    real = shutil.which("ffmpeg")
    if real is None:
        pytest.skip("ffmpeg is not installed")
    furnish(stepcli.home)
    spy = stepcli.home / "bin" / "ffmpeg"
    spy.parent.mkdir()
    spy.write_text(
        f'#!/bin/sh\n{{ env; echo "$@"; }} >> "{spy.parent}/reported"\nexec {real} "$@"\n'
    )
    spy.chmod(0o755)
    stepcli.environ["PATH"] = f"{spy.parent}:{os.environ['PATH']}"
    return stepcli


def test_child_processes_do_not_get_the_key(spied: Program) -> None:
    """Neither in their environment nor in their arguments."""
    done = spied("transcribe", "-q", "-l", "en", "sample.m4a")
    assert done.code == 0, done.stderr
    streamed = spied("stream", "Hello.", "-o", "x.wav", "--wire-format", "mp3_stream")
    assert streamed.code == 0, streamed.stderr
    assert spied("voices", "preview", "sample.m4a", "-o", "x.wav").code == 0
    reported = (spied.home / "bin" / "reported").read_text()
    assert reported.count("-i") >= 3
    assert spied.environ["STEP_API_KEY"] not in reported
    assert "STEP" not in reported


def test_process_arguments_do_not_contain_the_key(stepcli: Program, service: Sandbox) -> None:
    service.fault("speech:*:stall,after=2000")
    with stepcli.started("speak", "Hello there.", "-o", "x.wav") as run:
        until(lambda: list(stepcli.home.glob(".stepcli-*.part")))
        assert service.key.encode() not in Path(f"/proc/{run.pid}/cmdline").read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [("speak", "Hello.", "-o", "x.mp3"), ("stream", "Hello.", "-o", "x.wav"),
     ("transcribe", "sample.wav"), ("voices", "clone", "sample.wav", "--yes"), ("auth", "status"),
     ("doctor",)],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_no_output_shows_the_key(stepcli: Program, arguments: tuple[str, ...]) -> None:
    """Not with --debug, in a refusal, or in JSON."""
    furnish(stepcli.home)
    for more in (("--debug",), ("--json", "--debug")):
        done = stepcli(*arguments, *more, "--retries", "0", STEP_API_KEY=KEY)
        assert done.code == 3
        assert KEY not in done.stdout + done.stderr


def test_traceback_of_an_internal_error_shows_no_values(stepcli: Program) -> None:
    code = (
        "import sys; from stepcli.api import speech; from stepcli import __main__\n"
        "def broken(client, *_, **__):\n"
        "    key = client.endpoint.key\n"
        "    raise RuntimeError(f'oh {len(key)}')\n"
        "from stepcli.cli.commands import speak_text\n"
        "speak_text.speak = broken\n"
        "sys.argv = ['stepcli', 'speak', 'Hello.', '-o', 'x.mp3', '--debug']\n"
        "__main__.program()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, cwd=stepcli.home, timeout=60, check=False,
        env=stepcli.environment({"STEP_API_KEY": KEY}),
    )  # fmt: skip
    assert done.returncode == 1
    assert "RuntimeError: oh 30" in done.stderr
    assert KEY not in done.stderr + done.stdout


def test_files_of_the_program_are_private(stepcli: Program, service: Sandbox) -> None:
    """Mode 0600 in directories with mode 0700."""
    furnish(stepcli.home)
    service.fault("speech:2+:500", "asr:2+:500", "realtime:1:close,code=1011,after=3")
    stepcli("speak", LONG, "-o", "x.wav", "--retries", "0")
    stepcli("stream", "-o", "y.wav", "--retries", "0", input="One is here. Two is there.")
    stepcli("transcribe", "-l", "en", "sample.wav", "-o", "/dev/full")
    stepcli("auth", "login", "--no-check", input=KEY)
    stepcli("voices", "list")
    stepcli("config", "set", "voice", "vibrant-youth")
    kept = [path for path in stepcli.home.glob(".*/**/stepcli/**/*") if path.is_file()]
    assert {path.parent.parent.name for path in kept} >= {"speech", "stepcli"}
    for path in kept:
        if path.name != "config.toml":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700, path.parent


def test_link_in_a_shared_directory_is_not_followed(stepcli: Program, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    shared = tmp_path / "shared"
    shared.mkdir()
    for name in (".stepcli-.part", "x.wav.part", "x.partial.wav", ".stepcli-0000000000000000.part"):
        (shared / name).symlink_to(victim)
    assert stepcli("speak", "Hello.", "-o", shared / "x.wav").code == 0
    assert (shared / "x.wav").read_bytes()[:4] == b"RIFF"
    assert victim.read_bytes() == b"mine"


def test_every_dependency_has_a_minimum_version() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["sandbox"], *extras["keyring"]]
    assert [one for one in wanted if ">=" not in one] == []


def test_control_characters_in_settings_are_escaped(stepcli: Program) -> None:
    config = stepcli.home / "settings.toml"
    config.write_text(
        'voice = "\\u001b[31mred\\u0007"\n[aliases]\n"\\u001b]0;owned\\u0007" = "v\\u009b1m"\n'
    )
    stepcli.environ["STEPCLI_CONFIG"] = str(config)
    for arguments in (
        ("config", "list"), ("config", "get", "voice"), ("speak", "Hello.", "-o", "x.wav"),
        ("voices", "list"), ("doctor",), ("speak", "Hello.", "-v", "\x1b[31mx", "-o", "x.wav"),
    ):  # fmt: skip
        with on_terminal(stepcli, *arguments) as shown:
            shown.finish()
        for sequence in ("\x1b[31m", "\x07", "\x1b]0", "\x9b1m"):
            assert sequence not in shown.text, arguments


@pytest.mark.parametrize("columns", [1, 20])
def test_narrow_terminal_shows_everything(stepcli: Program, columns: int) -> None:
    furnish(stepcli.home)
    narrow = ("sh", "-c", f'stty cols {columns}; exec "$@"', "sh", *COMMAND)
    for arguments in (("voices", "list"), ("speak", "--help"), ("speak", LONG, "-o", "x.wav")):
        with on_terminal(stepcli, *arguments, command=narrow) as shown:
            assert shown.finish().code == 0, shown.text
        assert quiet(shown.text) == []


@pytest.mark.parametrize("plain", ["TERM=dumb", "NO_COLOR=1", "COLUMNS=x"])
def test_plain_terminal_gets_no_color_and_no_less_text(stepcli: Program, plain: str) -> None:
    with on_terminal(stepcli, "voices", "list", command=("env", plain, *COMMAND)) as shown:
        assert shown.finish().code == 0
    assert "lively-girl" in shown.text
    if plain == "NO_COLOR=1":
        assert "\x1b[3" not in shown.text
