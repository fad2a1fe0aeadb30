"""The wheel, installed on every supported Python."""

from __future__ import annotations

import subprocess
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
