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


def test_line_that_is_the_same_is_not_written_again(width: list[int]) -> None:
    """The cursor moves beyond it, unless the terminal has wrapped it after a resize."""
    stream = io.StringIO()
    area = LiveArea(stream)
    area.show(["0:01", "words 你好"])
    stream.seek(0)
    stream.truncate()
    area.show(["0:02", "words 你好"])
    assert stream.getvalue() == "\r\x1b[1A0:02\x1b[K\n\x1b[10C\x1b[J"
    area.show(["0:03", "words"])
    width[0] = 9
    area.show(["0:04", "words"])
    assert stream.getvalue().endswith("\r\x1b[1A0:04\x1b[K\nwords\x1b[J")


@pytest.mark.usefixtures("width")
def test_faint_end_is_drawn_when_it_becomes_plain() -> None:
    stream = io.StringIO()
    area = LiveArea(stream)
    area.show(["some words"], faint=5)
    area.show(["some words"])
    assert stream.getvalue() == "some \x1b[2mwords\x1b[22m\rsome words\x1b[J"


@pytest.mark.usefixtures("width")
def test_message_appears_above_the_live_lines() -> None:
    stderr = FakeTerminal()
    terminal = Terminal(io.StringIO(), io.StringIO(), stderr)
    terminal.live("50 %")
    terminal.note("retrying")
    assert stderr.getvalue() == "50 %\r\x1b[Jretrying\n50 %"
    terminal.live()
    assert stderr.getvalue().endswith("50 %\r\x1b[J")
