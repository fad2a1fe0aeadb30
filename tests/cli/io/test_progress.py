"""Progress: one style of line, and figures that count only this run."""

from __future__ import annotations

import io
from time import monotonic

import pytest

from stepcli.cli.io.progress import Pace, playback_progress, progress, progress_line
from stepcli.cli.io.terminal import Terminal
from stepcli.text.characters import columns
from tests.support.terminal import FakeTerminal


def _terminal(stderr: io.StringIO) -> Terminal:
    return Terminal(io.StringIO(), io.StringIO(), stderr)


@pytest.mark.parametrize("width", [20, 37, 77, 117])
def test_line_fits_every_width(width: int) -> None:
    line = progress_line("a long name of a file.wav", 30, 60, "0:30 / 1:00", width)
    assert columns(line) <= width
    assert line.endswith("0:30 / 1:00")
    assert ("━" in line) is (width > 30)


def test_speed_and_time_left_count_only_this_run() -> None:
    pace = Pace(total=100, done=60, kept=50, started=monotonic() - 10)
    assert pace.speed == pytest.approx(1, rel=0.1)
    assert pace.left.strip() in ("0:40 left", "0:39 left")
    assert Pace(total=100, done=50, kept=50, started=monotonic() - 10).left == ""


def test_parts_of_an_earlier_run_are_named() -> None:
    stderr = FakeTerminal()
    with progress(_terminal(stderr), 5, kept=3) as show:
        show(4)
    assert "4/5  3 kept from an earlier run" in stderr.getvalue()
    assert stderr.getvalue().endswith("\x1b[J")


def test_playback_shows_elapsed_total_and_parts_ahead() -> None:
    class Parts:
        expected_seconds = 80.0
        ready_ahead = 2

    stderr = FakeTerminal("0:07 / 1:20  2 parts ahead")
    with playback_progress(_terminal(stderr), 3) as watch:
        watch(lambda: 7.2, Parts())
        assert stderr.seen.wait(20)
    assert stderr.getvalue().endswith("\x1b[J")


def test_pipe_and_quiet_get_no_progress() -> None:
    pipe, quiet = io.StringIO(), FakeTerminal()
    with progress(_terminal(pipe), 5) as show:
        show(1)
    silent = _terminal(quiet)
    silent.quiet = True
    with progress(silent, 5) as show:
        show(1)
    assert pipe.getvalue() == quiet.getvalue() == ""
