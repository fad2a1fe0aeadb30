"""Progress on a terminal, in one style: how far a run is, its speed and the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread
from time import monotonic
from typing import Protocol

from stepcli.cli.io.terminal import Terminal
from stepcli.text.characters import columns, cut

_NAME_WIDTH = 30
_BAR_WIDTH = 40
_MIN_BAR_WIDTH = 6
_MIN_SECONDS = 1.0
"""Seconds of work before the speed is shown."""
_INTERVAL = 0.125
"""Seconds between two drawings."""


def format_clock(seconds: float) -> str:
    """Return a time such as 0:07, 12:34 or 1:02:03."""
    minutes, second = divmod(int(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def progress_line(name: str, done: float, total: float | None, status: str, width: int) -> str:
    """Return a line with a name, a bar and a status; without a bar if there is no room for one."""
    name = f"{_end_of(name, min(_NAME_WIDTH, width // 3))}  " if name else ""
    room = min(_BAR_WIDTH, width - columns(name) - columns(status) - 2)
    if not total or room < _MIN_BAR_WIDTH:
        return name + status
    filled = round(room * min(1.0, done / total))
    return f"{name}{'━' * filled}{'─' * (room - filled)}  {status}"


def _end_of(name: str, width: int) -> str:
    """Return the end of a name, which tells paths apart, in ``width`` columns."""
    return cut(name[::-1], width)[::-1]


@dataclass(slots=True)
class Pace:
    """The speed of a run, and the time left.

    What an earlier run has kept counts as done, but not as work of this run.
    """

    total: float | None = None
    done: float = 0.0
    kept: float = 0.0
    started: float = field(default_factory=monotonic)

    @property
    def speed(self) -> float | None:
        """What this run does per second; None as long as that is not known."""
        passed = monotonic() - self.started
        if self.done <= self.kept or passed < _MIN_SECONDS:
            return None
        return (self.done - self.kept) / passed

    @property
    def left(self) -> str:
        """How long the rest takes, for the end of a line; empty if not known."""
        if not self.speed or not self.total:
            return ""
        return f"  {format_clock((self.total - self.done) / self.speed)} left"


@contextmanager
def progress(terminal: Terminal, total: int, kept: int = 0) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of finished steps; silent if ``total`` is 1.

    An earlier run has finished ``kept`` of the steps.
    """
    if total < 2 or terminal.quiet or terminal.area is None:
        yield lambda _: None
        return
    pace, width = Pace(total, kept=kept), terminal.area.width

    def show(done: int) -> None:
        pace.done = done
        note = f"  {kept:,} kept from an earlier run" if kept else ""
        status = f"{done:,}/{total:,}{note}{pace.left}"
        terminal.live(progress_line("", done, total, status, width))

    show(0)
    try:
        yield show
    finally:
        terminal.live()


class PlayedParts(Protocol):
    """The parts of a text that is being played."""

    @property
    def expected_seconds(self) -> float:
        """How long the whole sound is, estimated as long as parts are missing."""

    @property
    def ready_ahead(self) -> int:
        """The number of complete parts that the output does not have yet."""


Watch = Callable[[Callable[[], float], PlayedParts], None]
"""Starts the display of playback: takes what returns the seconds played, and the parts."""


@contextmanager
def playback_progress(terminal: Terminal, total: int) -> Iterator[Watch]:
    """Yield a function that shows how much of ``total`` parts was played, until the block ends."""
    if terminal.quiet or terminal.area is None:
        yield lambda *_: None
        return
    area, drawings = terminal.area, ExitStack()

    def watch(position: Callable[[], float], parts: PlayedParts) -> None:
        def draw() -> None:
            played = position()
            whole = max(played, parts.expected_seconds)
            ahead = f"  {parts.ready_ahead} parts ahead" if total > 1 else ""
            status = f"{format_clock(played)} / {format_clock(whole)}{ahead}"
            terminal.live(progress_line("", played, whole, status, area.width))

        drawings.callback(Drawing(draw).stop)

    try:
        with drawings:
            yield watch
    finally:
        terminal.live()


class Drawing:
    """Calls ``draw`` in a thread, at once and then every ``interval`` seconds, until ``stop``."""

    def __init__(self, draw: Callable[[], None], interval: float = _INTERVAL) -> None:
        self._draw = draw
        self._interval = interval
        self._ended = Flag()
        self._thread = Thread(target=self._repeat, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _repeat(self) -> None:
        while not self._ended.is_set():
            self._draw()
            self._ended.wait(self._interval)
