"""The examples: every command has one, all parse, and what can run alone does run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer._click.core import Context
from typer.core import TyperGroup

from stepcli.cli.app import app
from stepcli.cli.docs.examples import EXAMPLES
from stepcli.cli.docs.introspect import describe_program
from stepcli.cli.docs.model import Command, Example
from tests.support.program import Program
from tests.support.service import Sandbox

HAVE = {" ".join(command.path): command for command in describe_program().all()}
SHOWN = list(dict.fromkeys(one for command in HAVE.values() for one in command.examples))
NARROW = 60

_CALL = re.compile(r"\bstepcli\b([^|&)<>]*)")


def test_every_command_has_one(command: Command) -> None:
    """A page without an example leaves the reader to guess."""
    assert command.examples
    assert any(command.name in one.line for one in command.examples)


def test_no_command_is_gone() -> None:
    """An example of a command that no longer exists would be shown nowhere."""
    assert EXAMPLES.keys() <= HAVE.keys()


@pytest.mark.parametrize("example", SHOWN, ids=lambda example: example.line)
def test_it_parses(example: Example) -> None:
    """An example is no usage error, and fits the narrowest page unbroken."""
    assert len(example.line) + 4 <= NARROW
    calls = [shlex.split(call) for call in _CALL.findall(example.line)]
    assert calls
    for arguments in calls:
        _parse(arguments)


def _parse(arguments: list[str]) -> None:
    """Raises what the program would, up to where the command would begin its work."""
    command, context = typer.main.get_command(app), None
    while isinstance(command, TyperGroup):
        context = Context(command, parent=context)
        name, *arguments = arguments
        found = command.get_command(context, name)
        assert found, f"there is no command {name}"
        command = found
    command.make_context(command.name, arguments, parent=context)


ALONE = [one for one in SHOWN if one.alone]


@pytest.mark.parametrize("example", ALONE, ids=lambda example: example.line)
def test_it_runs(example: Example, stepcli: Program, material: Path) -> None:
    """Pasted into a shell, it does what it says and exits 0."""
    if "ffmpeg" in example.line and shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    programs = str(Path(sys.executable).parent)
    environment = stepcli.environment()
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example.line],
        cwd=material, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def material(tmp_path: Path, speech: bytes) -> Path:
    """A directory with the files that the examples name."""
    (tmp_path / "notes.txt").write_text("Today is a good day. Let us go for a walk.\n")
    (tmp_path / "lines.txt").write_text("One.\nTwo.\n")
    for name in ("talk.wav", "me.wav"):
        (tmp_path / name).write_bytes(speech)
    return tmp_path


@pytest.fixture(scope="module")
def speech(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Some seconds of it, as WAV: long enough for a clone."""
    stepcli = Program(tmp_path_factory.mktemp("home"), dict(running_sandbox.environ))
    text = (
        "Today is a good day for a walk in the park, and for a talk with a friend afterwards, "
        "while the children play in the garden."
    )
    return stepcli("speak", text, "-o", "-", "--format", "wav").out
