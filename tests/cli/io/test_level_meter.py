"""The lines that are shown while recording."""

from __future__ import annotations

import io

import pytest

from stepcli.cli.io.level_meter import LevelMeter, last_columns
from stepcli.cli.io.live_area import LiveArea
from stepcli.cli.io.terminal import Terminal
from stepcli.tasks.transcription.interim import InterimWords
from stepcli.tasks.transcription.recording_monitor import RecordingStatus

STATUS = RecordingStatus(75.0, -30.0, speaking=True, silent=False)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    monkeypatch.setenv("COLUMNS", "40")
    return io.StringIO()


def meter(screen: io.StringIO) -> LevelMeter:
    terminal = Terminal(io.StringIO(), io.StringIO(), screen, area=LiveArea(screen))
    return LevelMeter(terminal, lambda text: text.replace("walk", "run"))


def test_level_time_state_and_words_are_shown_in_that_order(screen: io.StringIO) -> None:
    """Tentative words are faint; words are replaced; nothing is longer than a line."""
    meter(screen).show(STATUS, InterimWords("a long walk in the", " park and back home again"), 0)
    first, second = screen.getvalue().split("\n")
    assert first == "███···  1:15  speaking"
    assert second.startswith("… run in the\x1b[2m park and back home again\x1b[22m")


def test_tentative_words_alone_are_faint(screen: io.StringIO) -> None:
    meter(screen).show(STATUS, InterimWords("", "a day"), 0)
    assert "\n\x1b[2ma day\x1b[22m" in screen.getvalue()


def test_same_lines_are_not_drawn_again(screen: io.StringIO) -> None:
    shown = meter(screen)
    shown.show(STATUS, InterimWords("one", " two"), 0)
    before = screen.getvalue()
    shown.show(STATUS, InterimWords("one", " two"), 0)
    assert screen.getvalue() == before


def test_level_is_drawn_every_tenth_of_a_second_and_words_at_once(screen: io.StringIO) -> None:
    shown = meter(screen)
    shown.show(STATUS, InterimWords("one"), 0)
    before = screen.getvalue()
    soon = RecordingStatus(75.05, -10.0, speaking=True, silent=False)
    shown.show(soon, InterimWords("one"), 0)
    assert screen.getvalue() == before
    shown.show(soon, InterimWords("two"), 0)
    assert "two" in screen.getvalue()
    later = RecordingStatus(75.2, -60.0, speaking=True, silent=False)
    shown.show(later, InterimWords("two"), 0)
    assert "······  1:15" in screen.getvalue()


def test_waiting_segments_are_counted(screen: io.StringIO) -> None:
    meter(screen).show(STATUS, InterimWords(), 2)
    assert "2 being" in screen.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("short", "short"), ("0123456789x", "…23456789x"), ("今天天气很好", "…天气很好")],
)
def test_end_of_a_long_text_is_shown(text: str, expected: str) -> None:
    assert last_columns(text, 10) == expected
