"""What the README shows, done."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stepcli.cli.docs.model import exit_codes
from tests.support.command_tree import PROGRAM
from tests.support.program import Program
from tests.support.readme import blocks, section
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "stepcli"
PLACES = (ROOT, PACKAGE)


def test_first_command_without_its_installation(offline: Program) -> None:
    """The commands after the installation speak the sentence and print it back."""
    (block,) = blocks("Try it")
    lines = [line.split() for line in block.splitlines() if line.startswith(".venv/bin/stepcli")]
    sentence = "Today is a good day for a walk in the park"
    spoken = offline("speak", "--sandbox", sentence, *lines[0][-2:])
    heard = offline(*lines[1][1:])
    assert (spoken.code, heard.code) == (0, 0)
    assert word_errors(sentence, heard.stdout) <= 2


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(service: Sandbox, tmp_path: Path) -> None:
    """The sandbox answers plain curl as the README says."""
    script = blocks("The sandbox")[1]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": "/usr/bin:/bin", **service.environ},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "hello.mp3").stat().st_size > 1000
    assert b"lively-girl" in done.stdout


def test_every_command_is_in_the_table() -> None:
    """The README's table names each command there is, and no other."""
    rows = re.findall(r"^\| (`.+?`) \|", section("Commands"), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(.+?)`", row)]
    leaves = [one for one in PROGRAM.all() if not one.commands]
    assert sorted(named) == sorted(" ".join(one.path) for one in leaves)


def test_exit_codes() -> None:
    """The README's table has the codes that the manual has."""
    table = re.findall(r"^\| ([\d, ]+) \|", section("Exit codes"), re.MULTILINE)
    told = [code for codes in table for code in codes.split(", ")]
    assert told == list(exit_codes())


def test_modules_named_in_the_architecture_exist() -> None:
    """Every path in the architecture overview and in the contributing guide exists."""
    for document in (PACKAGE / "README.md", ROOT / ".github" / "CONTRIBUTING.md"):
        named = re.findall(r"`([\w./]+(?:\.py|\.md|/))`", document.read_text(encoding="utf-8"))
        assert len(named) > 10
        assert [name for name in named if not any((at / name).exists() for at in PLACES)] == []
