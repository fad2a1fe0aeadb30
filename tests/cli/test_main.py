"""``stepcli.cli.main``: a run inside a process, and what it leaves behind."""

from __future__ import annotations

import ast
import io
import json
import logging
import threading
from pathlib import Path

import pytest

from stepcli.cli.io.terminal import Terminal
from stepcli.cli.main import main
from tests.support.in_process import InProcess, pipes
from tests.support.service import Sandbox

PACKAGE = Path(__file__).parents[2] / "stepcli"

PROCESS_STATE = {
    "__main__.py": "the process itself",
    "cli/io/terminal.py": "process_terminal makes the standard streams a Terminal",
    "cli/docs/__main__.py": "a process of its own",
    "cli/completion/install.py": "which shell started this process",
    "cli/commands/doctor.py": "which shell started this process",
    "audio/ffmpeg.py": "the environment of a child process",
    "api/certificates.py": "the certificates that OpenSSL would read from the environment",
    "api/network.py": "the proxies that urllib reads from the environment",
    "settings.py": "the directories that platformdirs would read from the environment",
}
"""Modules that may read the state of the process, and why."""


def test_two_runs_in_one_process(home: Path, service: Sandbox) -> None:
    """Each has its own arguments, environment and streams."""
    stepcli = InProcess(home, dict(service.environ))
    first = stepcli("speak", "Hello there.", "-o", "one.wav", "--json", "--debug")
    assert first.code == 0, first.stderr
    assert json.loads(first.stdout)["output"] == "one.wav"
    assert "stepcli: >" in first.stderr
    second = stepcli("speak", "Hello again.", "-o", "two.wav")
    assert (second.code, second.stdout, second.stderr) == (0, "", "")
    assert (home / "one.wav").exists()
    assert (home / "two.wav").exists()


def test_failed_run_does_not_change_the_next_one(home: Path, service: Sandbox) -> None:
    stepcli = InProcess(home, dict(service.environ))
    assert stepcli("speak", "--json", "--nonsense").code == 2
    assert stepcli("speak", "Hello.", "-o", "x.wav", STEP_API_KEY="wrong").code == 3
    assert stepcli("speak", "Hello.", "-o", "x.wav").code == 0


def test_run_restores_the_hooks_of_the_process(home: Path) -> None:
    hook, log = threading.excepthook, logging.getLogger("stepcli")
    before = (log.level, list(log.handlers))
    assert InProcess(home)("devices", "--debug", "--json").code in (0, 7)
    assert threading.excepthook is hook
    assert (log.level, list(log.handlers)) == before


def test_streams_are_those_handed_in(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing reaches the streams of the process."""
    for arguments in (["--version"], ["--help"], ["speak", "--help"], ["nonsense"], []):
        main(arguments, {}, pipes())
    assert capfd.readouterr() == ("", "")


def test_environment_is_the_one_handed_in(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    stdout = io.StringIO()
    terminal = Terminal(io.StringIO(), stdout, io.StringIO())
    assert main(["config", "path"], {"STEPCLI_CONFIG": str(config)}, terminal) == 0
    assert stdout.getvalue() == f"{config}\n"


def _reads_process_state(path: Path) -> bool:
    names = {"argv", "stdin", "stdout", "stderr"}
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (
            (node.value.id == "sys" and node.attr in names)
            or (node.value.id == "os" and node.attr in ("environ", "getenv"))
        )
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


def test_only_known_modules_read_the_state_of_the_process() -> None:
    """Elsewhere use ``run.environ``, ``run.arguments`` and ``run.terminal``."""
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "sandbox" and _reads_process_state(path)
    }
    assert found == set(PROCESS_STATE)
