"""The wheel, installed on every supported Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stepcli import __version__
from tests.package.conftest import Installation


def test_wheel_runs_as_program_and_module(installation: Installation, tmp_path: Path) -> None:
    """The manual is installed with it."""
    command: list[list[str | Path]] = [
        [installation.programs / "stepcli"],
        [installation.python, "-W", "error", "-m", "stepcli"],
    ]
    for each in command:
        done = subprocess.run(
            [*each, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stdout == f"stepcli {__version__}\n"
    manual = installation.programs.parent / "share" / "man" / "man1" / "stepcli.1"
    assert manual.is_file()


def test_checkout_runs_without_installation(tree: Path) -> None:
    """As in ``uvx --from . stepcli``."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", "tool", "run", "--from", ".", "stepcli", "--version"],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == (f"stepcli {__version__}\n", 0), done.stderr
