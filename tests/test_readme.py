"""The README's commands and tables."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from stepcli.cli.docs.model import exit_codes
from tests.support.command_tree import PROGRAM
from tests.support.program import Program
from tests.support.readme import README, blocks, section
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "stepcli"
PLACES = (ROOT, PACKAGE)


def test_first_command_speaks_and_transcribes(offline: Program) -> None:
    """Without its installation; a seed makes the sandbox's voice reproducible."""
    (line,) = blocks("Try it")
    runs = [shlex.split(part) for part in line.split("&&") if "/stepcli " in part]
    assert "\n" not in line.rstrip("\n")
    spoken, heard = (offline(*words[1:], STEPCLI_SEED="1") for words in runs)
    sentence = runs[0][runs[0].index("--sandbox") + 1]
    assert (spoken.code, heard.code) == (0, 0)
    assert word_errors(sentence, heard.stdout) <= 1


def test_second_command_is_one_line_that_runs_all_tests() -> None:
    """``.ci/run`` extracts and runs it."""
    (line,) = blocks("Run the tests")
    assert line.count("\n") == 1
    assert line.rstrip().endswith("&& .venv/bin/python -m tests")
    assert "## Run the tests" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_installation_comes_before_the_tests() -> None:
    headings = re.findall(r"^## (.+)$", README, re.MULTILINE)
    assert headings.index("Install") < headings.index("Run the tests")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_commands_work(service: Sandbox, tmp_path: Path) -> None:
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


def test_table_lists_every_command() -> None:
    rows = re.findall(r"^\| (`.+?`) \|", section("Commands"), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(.+?)`", row)]
    leaves = [one for one in PROGRAM.all() if not one.commands]
    assert sorted(named) == sorted(" ".join(one.path) for one in leaves)


def test_exit_codes_are_those_of_the_manual() -> None:
    table = re.findall(r"^\| ([\d, ]+) \|", section("Exit codes"), re.MULTILINE)
    reported = [code for codes in table for code in codes.split(", ")]
    assert reported == list(exit_codes())


def test_modules_named_in_the_architecture_exist() -> None:
    """Every path in the architecture overview and in the contributing guide exists."""
    for document in (PACKAGE / "README.md", ROOT / ".github" / "CONTRIBUTING.md"):
        named = re.findall(r"`([\w./]+(?:\.py|\.md|/))`", document.read_text(encoding="utf-8"))
        assert len(named) > 10
        assert [name for name in named if not any((at / name).exists() for at in PLACES)] == []
