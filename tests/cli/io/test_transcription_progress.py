"""``stepcli.cli.io.transcription_progress``: a line for each open input."""

from __future__ import annotations

import io

import pytest

from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.transcription_progress import progress_display
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.run import (
    InputOpened,
    InputReceiving,
    InputSegmented,
    SegmentReady,
    SegmentRecognized,
)
from tests.support.segments import segment
from tests.support.terminal import FakeTerminal


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")


def test_shared_and_kept_seconds_are_counted_once() -> None:
    """Pieces overlap, and an earlier run has recognized the first one."""
    stderr = FakeTerminal("0:18 / 0:18  0:10 kept from an earlier run")
    first, second = segment(0, 10), segment(8, 18, overlap=2)
    with progress_display(Terminal(io.StringIO(), io.StringIO(), stderr), ["a.wav"]) as display:
        display.update(InputOpened(0, None))
        for one in (first, second):
            display.update(SegmentReady(0, one))
        display.update(InputSegmented(0))
        display.update(SegmentRecognized(0, first, RecognitionResult("One.", [], kept=True)))
        display.update(SegmentRecognized(0, second, RecognitionResult("Two.", [])))
        assert stderr.seen.wait(20)
    assert stderr.getvalue().endswith("\x1b[J")


def test_download_shows_megabytes() -> None:
    stderr = FakeTerminal("1.5 / 3.0 MB")
    with progress_display(Terminal(io.StringIO(), io.StringIO(), stderr), ["a.wav"]) as display:
        display.update(InputReceiving(0, 1_500_000, 3_000_000))
        assert stderr.seen.wait(20)


def test_pipe_gets_no_display() -> None:
    stderr = io.StringIO()
    with progress_display(Terminal(io.StringIO(), io.StringIO(), stderr), ["a.wav"]) as display:
        display.update(InputOpened(0, 10.0))
    assert stderr.getvalue() == ""
