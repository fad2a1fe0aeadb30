"""``--help`` is a page that reads well, wherever it is shown."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from io import StringIO

import pytest

from stepcli.cli.docs.help import WIDEST, Ink, Page, folded, is_coloured, page, width, wrap
from stepcli.cli.docs.model import Command, chapters
from stepcli.cli.io.terminal import Terminal
from tests.support.program import COMMAND, Finished, Program

PLAIN = Ink(bold="", cyan="", plain="")


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_fits(columns: int, program: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the terminal, nor wider than one reads."""
    monkeypatch.setenv("COLUMNS", str(columns))
    for command in program.all():
        assert max(map(width, page(command).splitlines())) <= min(columns, WIDEST)


def test_every_width_tells_the_same(command: Command) -> None:
    """A narrow terminal changes where lines break, not what is said."""
    narrow, wide = (Page(columns, PLAIN).of(command).split() for columns in (60, 100))
    assert narrow == wide


def test_examples_come_first(command: Command) -> None:
    """What one would type stands above what can be typed."""
    shown = Page(80, PLAIN).of(command)
    last = chapters(command.options).popitem()[0]
    assert shown.index("Examples:") < shown.index(f"\n{last}:\n")


def test_nothing_but_text_when_piped(
    command: Command, shown_help: Callable[[Command], Finished]
) -> None:
    """Neither colour nor boxes, whatever the environment would like."""
    shown = shown_help(command)
    assert "\x1b" not in shown.stdout
    assert not any("─" <= character <= "╿" for character in shown.stdout)
    assert (shown.code, shown.stderr) == (0, "")


def test_bare_program_shows_help(offline: Program) -> None:
    """``stepcli`` alone explains itself, and ``-h`` is ``--help``."""
    assert offline().stdout == offline("-h").stdout == offline("--help").stdout


def test_it_is_the_width_of_the_terminal(offline: Program) -> None:
    assert offline("-h", COLUMNS="60").stdout != offline("-h", COLUMNS="80").stdout


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour(environment: dict[str, str], coloured: bool, offline: Program) -> None:
    """A terminal gets colour unless it cannot show it or its owner declined."""
    shown = _on_a_terminal(offline, "speak", "--help", **{"TERM": "xterm", **environment})
    assert ("\x1b[1m" in shown) is coloured
    assert "Voice and style:" in shown


def test_no_colour_for_a_pipe() -> None:
    """Nothing that captures the page has to strip it."""
    assert not is_coloured(Terminal(stdout=StringIO()), {"TERM": "xterm"})


def _on_a_terminal(program: Program, *arguments: str, **environ: str) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=theirs, stdin=theirs, env=program.environment(environ)
    ):
        os.close(theirs)
        return _all_of(ours)


def _all_of(terminal: int) -> str:
    """Everything until the other side is closed, which Linux tells as an error."""
    text = b""
    with open(terminal, "rb", buffering=0) as file:
        try:
            while block := file.read(65536):
                text += block
        except OSError:
            pass
    return text.decode()


def test_help_loads_nothing_heavy() -> None:
    """A page of help draws without rich and speaks without httpx."""
    code = (
        "import sys; sys.argv = ['stepcli', 'speak', '--help']\n"
        "from stepcli.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"rich", "httpx", "numpy", "soundfile"}.isdisjoint(done.stderr.split())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("阿胶阿胶 ab", ["阿胶阿胶", "ab"]),
        ("averyverylongword ab", ["averyverylongword", "ab"]),
        ("one [two\u00a0three]", ["one", "[two three]"]),
        ("", [""]),
    ],
)
def test_wrap(text: str, lines: list[str]) -> None:
    """Lines are filled by the columns that characters take; a word is never broken."""
    assert wrap(text, 9) == lines


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("  cut  it", ["  cut  it"]),
        ("  cut  it is closed", ["  cut  it is", "       closed"]),
        ("  it is closed now", ["  it is closed", "  now"]),
    ],
)
def test_fold(line: str, lines: list[str]) -> None:
    """A table set by hand keeps its columns where it has to be narrower."""
    assert folded(line, 14) == lines
