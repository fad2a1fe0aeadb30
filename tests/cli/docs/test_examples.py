"""Every command has an example; all examples parse, and the runnable ones run."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stepcli.cli.app import root_command
from stepcli.cli.docs.examples import EXAMPLES
from stepcli.cli.docs.model import Command, Example
from stepcli.cli.invocation import Invocation
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params._click import Command as ClickCommand
from stepcli.cli.params._click import Context, TyperGroup
from tests.support.command_tree import COMMANDS
from tests.support.program import Program
from tests.support.service import Sandbox

PATHS = {" ".join(command.path) for command in COMMANDS}
SHOWN = list(dict.fromkeys(one for command in COMMANDS for one in command.examples))
NARROW = 60

_CALL = re.compile(r"\bstepcli\b([^|&)<>]*)")


def test_every_command_has_an_example(command: Command) -> None:
    assert command.examples
    assert any(command.name in one.line for one in command.examples)


def test_every_example_belongs_to_a_command() -> None:
    assert EXAMPLES.keys() <= PATHS


@pytest.mark.parametrize("example", SHOWN, ids=lambda example: example.line)
def test_example_parses_and_fits_a_narrow_terminal(example: Example) -> None:
    assert len(example.line) + 4 <= NARROW
    calls = [shlex.split(call) for call in _CALL.findall(example.line)]
    assert calls
    for arguments in calls:
        _parse(arguments)


def _parse(arguments: list[str]) -> None:
    """Parse ``arguments`` as the program does, without running the command."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO())
    invocation = Invocation.begin(arguments, {}, terminal)
    command: ClickCommand = root_command()
    context = None
    while isinstance(command, TyperGroup):
        context = Context(command, parent=context, obj=invocation)
        name, *arguments = arguments
        found = command.get_command(context, name)
        assert found, f"no such command: {name}"
        command = found
    command.make_context(command.name, arguments, parent=context)


RUNNABLE = [one for one in SHOWN if one.runnable]


@pytest.mark.parametrize("example", RUNNABLE, ids=lambda example: example.line)
def test_example_runs_in_a_shell(example: Example, stepcli: Program, files: Path) -> None:
    if "ffmpeg" in example.line and shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    programs = str(Path(sys.executable).parent)
    environment = stepcli.environment()
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example.line],
        cwd=files, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def files(tmp_path: Path, speech: bytes) -> Path:
    """A directory with the files that the examples use."""
    (tmp_path / "notes.txt").write_text("Today is a good day. Let us go for a walk.\n")
    (tmp_path / "play.txt").write_text("A: Good morning.\n[pause 0.5]\nA: Good night.\n")
    (tmp_path / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nGood morning.\n")
    (tmp_path / "lines.txt").write_text("One.\nTwo.\n")
    for name in ("talk.wav", "me.wav"):
        (tmp_path / name).write_bytes(speech)
    return tmp_path


@pytest.fixture(scope="module")
def speech(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A WAV file that is long enough for a clone."""
    stepcli = Program(tmp_path_factory.mktemp("home"), dict(running_sandbox.environ))
    text = (
        "Today is a good day for a walk in the park, and for a talk with a friend afterwards, "
        "while the children play in the garden."
    )
    return stepcli("speak", text, "-o", "-", "--format", "wav").out
