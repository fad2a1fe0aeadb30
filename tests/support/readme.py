"""The sections, commands and tables of the README."""

from __future__ import annotations

import re
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return the text of a section."""
    below = README.partition(f"## {heading}\n")[2]
    assert below, f"the README has no {heading!r}"
    return re.split(r"^## ", below, flags=re.MULTILINE)[0]


def blocks(heading: str) -> list[str]:
    """Return the shell blocks of a section."""
    return re.findall(r"```sh\n(.*?)```", section(heading), re.DOTALL)


def one_liners() -> dict[str, str]:
    """Return the one-liners by their titles."""
    found = re.findall(
        r"^\*\*(.+)\*\*\n\n```sh\n(.+)\n```$", section("Ten one-liners"), re.MULTILINE
    )
    return dict(found)


def symptoms() -> dict[str, str]:
    """Return the remedies by their symptoms."""
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", section("When something is wrong"), re.MULTILINE)
    return dict(rows[2:])
