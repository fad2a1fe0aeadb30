"""The README's order, commands and links."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.support.program import Program
from tests.support.readme import README, blocks
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


def test_readme_is_short_and_answers_in_the_order_of_a_visitor() -> None:
    assert len(README.splitlines()) <= 250
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == [
        "Try it",
        "Install",
        "Run the tests",
        "Five things it does that others do not",
        "Ten one-liners",
        "Commands",
        "Scripts and agents",
        "Configuration",
        "When something is wrong",
        "How it is built",
        "Contribute",
    ]


def test_links_lead_to_files() -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_modules_named_in_the_architecture_exist() -> None:
    """Every path in the architecture overview and in the contributing guide exists."""
    for document in (PACKAGE / "README.md", ROOT / ".github" / "CONTRIBUTING.md"):
        named = re.findall(r"`([\w./]+(?:\.py|\.md|/))`", document.read_text(encoding="utf-8"))
        assert len(named) > 10
        assert [name for name in named if not any((at / name).exists() for at in PLACES)] == []
