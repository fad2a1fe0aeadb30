"""Completion in an interactive bash, where readline does the quoting."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.completion.shells import tab_in_bash
from tests.cli.completion.test_scripts import home

__all__ = ["home"]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("stepcli sp", "stepcli speak "),
        ("stepcli speak --form", "stepcli speak --format "),
        ("stepcli speak --format=fl", "stepcli speak --format=flac "),
        ("stepcli speak --device D", r"stepcli speak --device Desk\ speaker "),
        ("stepcli speak -f no", "stepcli speak -f notes.txt "),
        ("stepcli speak --output-dir so", "stepcli speak --output-dir songs/"),
    ],
)
def test_tab_in_bash(line: str, completed: str, home: Path) -> None:
    path = f"{home / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    assert tab_in_bash(line, home / "work", environment) == completed
