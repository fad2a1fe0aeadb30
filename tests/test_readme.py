"""What the README shows, done."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

README = (Path(__file__).parents[1] / "README.md").read_text()


def _blocks(heading: str) -> list[str]:
    section = re.split(r"^## ", README.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def test_first_command_without_its_installation(offline: Program) -> None:
    """The commands after the installation speak the sentence and print it back."""
    (block,) = _blocks("Try it")
    lines = [line.split() for line in block.splitlines() if line.startswith(".venv/bin/stepcli")]
    sentence = "Today is a good day for a walk in the park"
    spoken = offline("speak", "--sandbox", sentence, *lines[0][-2:])
    heard = offline(*lines[1][1:])
    assert (spoken.code, heard.code) == (0, 0)
    assert word_errors(sentence, heard.stdout) <= 2


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(service: Sandbox, tmp_path: Path) -> None:
    """The sandbox answers plain curl as the README says."""
    script = _blocks("The sandbox")[1]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": "/usr/bin:/bin", **service.environ},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "hello.mp3").stat().st_size > 1000
    assert b"lively-girl" in done.stdout


def test_every_command_is_in_the_table(offline: Program) -> None:
    """The README's table names each command that ``--help`` lists."""
    table = set(re.findall(r"^\| `(\w+)", README, re.MULTILINE))
    listed = re.findall(r"^  (\w+)  +\w", offline("--help").stdout, re.MULTILINE)
    assert listed
    assert set(listed) <= table
