"""The README, taken apart."""

from __future__ import annotations

import re
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands below ``heading``, up to the next."""
    below = README.partition(f"## {heading}\n")[2]
    assert below, f"the README has no {heading!r}"
    return re.split(r"^## ", below, flags=re.MULTILINE)[0]


def blocks(heading: str) -> list[str]:
    """Its shell commands, block by block."""
    return re.findall(r"```sh\n(.*?)```", section(heading), re.DOTALL)


def one_liners() -> dict[str, str]:
    """Each by what it is for."""
    found = re.findall(
        r"^\*\*(.+)\*\*\n\n```sh\n(.+)\n```$", section("Ten one-liners"), re.MULTILINE
    )
    return dict(found)


def symptoms() -> dict[str, str]:
    """What to do, by what is seen."""
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", section("When something is wrong"), re.MULTILINE)
    return dict(rows[2:])
