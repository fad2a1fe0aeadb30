"""The facts in stepcli/api/PROTOCOL.md, for tests of the tables that repeat them."""

from __future__ import annotations

import re
from pathlib import Path

_TEXT = (Path(__file__).parents[2] / "stepcli/api/PROTOCOL.md").read_text(encoding="utf-8")


def section(number: int) -> str:
    """Return the text of a section."""
    return re.split(r"^## (?=\d)", _TEXT, flags=re.MULTILINE)[number]


def paragraph(number: int, start: str) -> str:
    """Return the paragraph of a section that begins with `start`, on one line."""
    paragraphs = (" ".join(one.split()) for one in section(number).split("\n\n"))
    return next(one for one in paragraphs if one.startswith(start))


def table(number: int) -> list[list[str]]:
    """Return the cells of the first table of a section, without its heading."""
    rows = [line for line in section(number).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]
