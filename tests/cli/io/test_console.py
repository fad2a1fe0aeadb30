"""``stepcli.cli.io.console``: what rich draws for us cannot drive the terminal."""

from __future__ import annotations

import io
from functools import partial

import pytest
from rich.console import RenderableType
from rich.panel import Panel
from rich.progress import Progress, TextColumn
from rich.text import Text

from stepcli.cli.io.console import EscapingConsole
from stepcli.cli.io.terminal import escaped

EVIL = "a\x1b]0;owned\x9bc\u202ed"
SHOWN = "a\\x1b]0;owned\\x9bc\\u202ed"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm", "COLUMNS": "200", "LINES": "24"}.items():
        monkeypatch.setenv(name, value)


def _console(stream: io.StringIO) -> EscapingConsole:
    return EscapingConsole(stream, partial(escaped, lines=True))


def _drawn(renderable: RenderableType) -> str:
    stream = Screen()
    console = _console(stream)
    console.print(renderable, markup=False)
    return stream.getvalue()


@pytest.mark.parametrize("wrap", [str, Text, Panel, lambda text: Text(text, "bold red")])
def test_control_characters_of_any_renderable_are_shown(wrap: type[Text]) -> None:
    written = _drawn(wrap(EVIL))
    assert SHOWN in written
    assert not {"\x9b", "\u202e"} & set(written)
    assert "\x1b]" not in written


def test_own_styles_are_still_written() -> None:
    assert "\x1b[1;31m" in _drawn(Text("plain", "bold red"))


def test_description_of_a_progress_bar_is_shown() -> None:
    stream = Screen()
    with Progress(TextColumn("{task.description}", markup=False), console=_console(stream)) as bar:
        bar.add_task(EVIL, total=1)
    assert SHOWN[:10] in stream.getvalue()
    assert "\x1b]" not in stream.getvalue()
