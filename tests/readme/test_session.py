"""The README's terminal shows what the program does today."""

from __future__ import annotations

import re
from pathlib import Path

from tests.readme.session import COMMANDS, DRAWING, drawn, recorded, text_of
from tests.support.readme import README
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

_TIME = re.compile(r"\d\d:\d\d:\d\d,\d{3}")
DRAW = "python -m tests.readme.session"


def test_it_is_what_happens(service: Sandbox, tmp_path: Path) -> None:
    """Line by line; but a recogniser may hear a word, and a clock a moment, another way."""
    shown = text_of(DRAWING.read_text(encoding="utf-8"))
    now = text_of(drawn(recorded(tmp_path, service)))
    heard = shown.index(f"$ {COMMANDS[1]}") + 1
    assert word_errors(shown.pop(heard), now.pop(heard)) <= 2
    kept, made = ([_TIME.sub("TIME", line) for line in lines] for lines in (shown, now))
    assert kept == made, f"the README's terminal is stale; run: {DRAW}"


def test_it_is_shown_whole() -> None:
    """Each command fits its line, and the README shows the drawing."""
    shown = text_of(DRAWING.read_text(encoding="utf-8"))
    assert [line[2:] for line in shown if line.startswith("$ ")] == list(COMMANDS)
    assert f"](.github/{DRAWING.name})" in README
