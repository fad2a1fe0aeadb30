"""Installed from the wheel, on every Python it is for."""

from __future__ import annotations

import subprocess
from pathlib import Path

from stepcli import __version__
from tests.package.conftest import Installation


def test_it_is_installed(installation: Installation, tmp_path: Path) -> None:
    """As a program and as a module, with the manual beside it."""
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
