"""``stepcli.cli.io.table``: tables on terminals of any width, and in pipes."""

from __future__ import annotations

import io

import pytest

from stepcli.cli.io.table import Column, show_table
from stepcli.cli.io.terminal import Terminal
from tests.support.terminal import FakeTerminal

CELLS = ("elegantgentle-female", "official", "elegant, gentle woman with a long description")
COLUMNS = (Column("bold"), Column("dim"), Column())


def _table(width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    stdout = FakeTerminal()
    show_table(Terminal(io.StringIO(), stdout, io.StringIO()), [CELLS], COLUMNS)
    return stdout.getvalue().splitlines()


def test_last_cell_is_wrapped_below_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _table(60, monkeypatch)
    assert lines[0].startswith("elegantgentle-female  official  elegant, gentle")
    assert lines[1].startswith(" " * 32)


def test_narrow_table_gives_the_last_cell_lines_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _table(40, monkeypatch)
    assert lines[0] == "elegantgentle-female  official"
    assert [line[:5] for line in lines[1:]] == ["    e", "    d"]
    assert max(map(len, lines)) < 40


def test_row_in_a_pipe_is_one_escaped_line() -> None:
    stdout = io.StringIO()
    terminal = Terminal(io.StringIO(), stdout, io.StringIO())
    show_table(terminal, [("你好", "a\x1b[2J\nb")], (Column(width=6), Column()))
    assert stdout.getvalue() == "你好    a\\x1b[2J\\nb\n"


def test_narrowest_table_keeps_whole_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is cut off could not be copied."""
    assert _table(20, monkeypatch)[0] == "elegantgentle-female  official"


def test_chinese_text_without_spaces_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "41")
    stdout, text = FakeTerminal(), "适合讲故事和朗读" * 6
    show_table(Terminal(io.StringIO(), stdout, io.StringIO()), [("voice", text)], [Column()] * 2)
    lines = stdout.getvalue().splitlines()
    assert "".join(line[7:] for line in lines) == text
    assert max(map(len, lines)) <= 7 + 33 // 2


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "[bold]x[/bold] :smile:", "\x9b31m"])
@pytest.mark.parametrize("stream", [FakeTerminal, io.StringIO])
def test_cells_are_text_and_not_instructions(
    hostile: str, stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    stdout = stream()
    show_table(Terminal(io.StringIO(), stdout, io.StringIO()), [(hostile, "x")], [Column()] * 2)
    (line,) = stdout.getvalue().split("\n")[:-1]
    assert line.isprintable()
    assert "[bold]" not in hostile or line.startswith(hostile)


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_color_is_forced_in_a_pipe_that_has_one_line_per_row(
    term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("NO_COLOR", raising=False)
    stdout = io.StringIO()
    rows = [("one", "official", "x" * 500)]
    show_table(Terminal(io.StringIO(), stdout, io.StringIO()), rows, COLUMNS)
    (line,) = stdout.getvalue().splitlines()
    assert line == f"\x1b[1mone\x1b[0m  \x1b[2mofficial\x1b[0m  {'x' * 500}"
