"""Live lines: cut to the width, erased without residue, drawn again below messages."""

from __future__ import annotations

import io
import os

import pytest

from stepcli.cli.io.live_area import LiveArea
from stepcli.cli.io.terminal import Terminal
from tests.support.terminal import FakeTerminal


@pytest.fixture
def width(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The columns of the terminal, which a test can change."""
    current = [20]
    monkeypatch.setattr(
        "stepcli.cli.io.live_area.get_terminal_size",
        lambda: os.terminal_size((current[0], 24)),
    )
    return current


def test_line_leaves_room_for_the_echo_of_ctrl_c(width: list[int]) -> None:
    stream = io.StringIO()
    LiveArea(stream).show(["x" * 99])
    assert len(stream.getvalue()) + len("^C") < width[0]


def test_lines_are_erased_with_the_rows_of_a_narrower_terminal(width: list[int]) -> None:
    stream = io.StringIO()
    area = LiveArea(stream)
    area.show(["a" * 17, "b" * 17])
    width[0] = 10
    stream.seek(0)
    stream.truncate()
    area.show([])
    assert stream.getvalue() == "\r\x1b[3A\x1b[J"
    area.show([])
    assert stream.getvalue().count("\x1b[J") == 1


@pytest.mark.usefixtures("width")
def test_message_appears_above_the_live_lines() -> None:
    stderr = FakeTerminal()
    terminal = Terminal(io.StringIO(), io.StringIO(), stderr)
    terminal.live("50 %")
    terminal.note("retrying")
    assert stderr.getvalue() == "50 %\r\x1b[Jretrying\n50 %"
    terminal.live()
    assert stderr.getvalue().endswith("50 %\r\x1b[J")
