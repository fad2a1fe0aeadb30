"""The README's terminal session is up to date."""

from __future__ import annotations

import re
from pathlib import Path

from tests.readme.session import COMMANDS, DRAWING, drawn, recorded, text_of
from tests.support.readme import README
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

_TIME = re.compile(r"\d\d:\d\d:\d\d,\d{3}")
DRAW = "python -m tests.readme.session"


def test_drawing_matches_a_new_run(service: Sandbox, tmp_path: Path) -> None:
    """Recognized words and times may differ slightly."""
    shown = text_of(DRAWING.read_text(encoding="utf-8"))
    now = text_of(drawn(recorded(tmp_path, service)))
    heard = shown.index(f"$ {COMMANDS[1]}") + 1
    assert word_errors(shown.pop(heard), now.pop(heard)) <= 2
    kept, made = ([_TIME.sub("TIME", line) for line in lines] for lines in (shown, now))
    assert kept == made, f"the README's terminal is stale; run: {DRAW}"


def test_commands_fit_and_the_readme_shows_the_drawing() -> None:
    shown = text_of(DRAWING.read_text(encoding="utf-8"))
    assert [line[2:] for line in shown if line.startswith("$ ")] == list(COMMANDS)
    assert f"](.github/{DRAWING.name})" in README
