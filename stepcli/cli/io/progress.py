"""Progress on a terminal, in one style: how far a run is, its speed and the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event as Flag
from threading import Thread
from time import monotonic
from typing import Protocol

from stepcli.audio.segments import Segment
from stepcli.cli.io.live_area import LiveArea
from stepcli.cli.io.terminal import Terminal, escaped
from stepcli.tasks.transcription.run import (
    DeltaReceived,
    Event,
    InputOpened,
    InputReceiving,
    InputResult,
    InputSegmented,
    SegmentReady,
    SegmentRecognized,
)
from stepcli.text.scripts import columns, cut, folded

_NAME_WIDTH = 30
_BAR_WIDTH = 40
_MIN_BAR_WIDTH = 6
_MIN_SECONDS = 1.0
"""Seconds of work before the speed is shown."""
_WORD_LINES = 4
"""Lines of recognized words that are shown."""
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


@dataclass(slots=True)
class _InputState:
    """The state of one input; all figures are in seconds of sound."""

    name: str
    pace: Pace
    segmented: float = 0.0
    finished: float = 0.0
    partial: dict[float, float] = field(default_factory=dict)

    def update(self, event: Event) -> None:
        match event:
            case SegmentReady(_, segment):
                self.segmented += _seconds(segment)
            case DeltaReceived(_, segment, delta) if delta.end is not None:
                self.partial[segment.start] = delta.end
            case SegmentRecognized(_, segment, result):
                self.partial.pop(segment.start, None)
                seconds = _seconds(segment)
                self.finished += seconds
                self.pace.kept += seconds if result.kept else 0.0
            case InputSegmented():
                self.pace.total = self.segmented
        self.pace.done = self.finished + sum(self.partial.values())

    def line(self, width: int) -> str:
        """Return the audio time, the speed in multiples of real time, and the time left."""
        pace = self.pace
        status = format_clock(pace.done) + (f" / {format_clock(pace.total)}" if pace.total else "")
        if pace.speed:
            status += f"  {pace.speed:.0f}×{pace.left}"
        if pace.kept:
            status += f"  {format_clock(pace.kept)} kept from an earlier run"
        return progress_line(self.name, pace.done, pace.total, status, width)


def _seconds(segment: Segment) -> float:
    """Return the seconds of ``segment`` that the previous one does not contain."""
    return segment.end - segment.start - segment.overlap


def _download_line(name: str, event: InputReceiving, width: int) -> str:
    sizes = [f"{size / 1e6:.1f}" for size in (event.received, event.total) if size is not None]
    status = f"{' / '.join(sizes)} MB"
    return progress_line(name, event.received, event.total, status, width)


class ProgressDisplay:
    """A display that shows nothing."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def update(self, event: Event) -> None:
        """Record that something happened; events may arrive in any order."""

    def show_delta(self, delta: DeltaReceived) -> None:
        """Show the next words."""

    def finish_input(self, result: InputResult) -> None:
        """Remove the display of a finished input before its result is printed."""

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Free the terminal for other output during the block."""
        yield

    def note(self, text: str) -> None:
        """Print a message to stderr, from any thread."""
        self._terminal.note(text)


@contextmanager
def progress_display(terminal: Terminal, names: Sequence[str]) -> Iterator[ProgressDisplay]:
    """Yield bars if stderr is a terminal and words if stdout is; neither if --quiet or --json."""
    bars, words = terminal.stderr_is_terminal, terminal.stdout_is_terminal
    if terminal.quiet or terminal.json or not (bars or words):
        yield ProgressDisplay(terminal)
        return
    display = _LiveDisplay(terminal, names, bars=bars, words=words)
    try:
        yield display
    finally:
        display.stop()


class _LiveDisplay(ProgressDisplay):
    """A display that is drawn: a line for each open input, below the words of the first one."""

    def __init__(
        self, terminal: Terminal, names: Sequence[str], *, bars: bool, words: bool
    ) -> None:
        super().__init__(terminal)
        self._names = names
        self._area = terminal.area if bars and terminal.area else LiveArea(terminal.stdout)
        self._shows_bars = bars
        self._shows_words = words
        self._words = ""
        self._segment: Segment | None = None
        self._open: dict[int, _InputState] = {}
        self._lines: dict[int, Callable[[int], str]] = {}
        self._drawing: Drawing | None = None

    def update(self, event: Event) -> None:
        name = escaped(self._names[event.input])
        if isinstance(event, InputReceiving):
            self._lines[event.input] = partial(_download_line, name, event)
        elif isinstance(event, InputOpened):
            self._open[event.input] = state = _InputState(name, Pace(event.duration))
            self._lines[event.input] = state.line
        elif event.input in self._open:
            self._open[event.input].update(event)
        self._drawing = self._drawing or Drawing(self._draw)

    def show_delta(self, delta: DeltaReceived) -> None:
        if not self._shows_words:
            return
        if delta.segment is not self._segment:
            self._segment, self._words = delta.segment, f"{self._words} ".lstrip()
        self._words += escaped(delta.delta.text)

    def finish_input(self, result: InputResult) -> None:
        self._words = ""
        self._open.pop(result.input, None)
        self._lines.pop(result.input, None)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Remove the drawing during the block; the next event restores it."""
        self.stop()
        yield

    def stop(self) -> None:
        if self._drawing:
            self._drawing.stop()
            self._drawing = None
        self._area.show([])

    def _draw(self) -> None:
        width = self._area.width
        words = folded(self._words[-_WORD_LINES * width :], width) if self._words else []
        lines = list(self._lines.values()) if self._shows_bars else []
        self._area.show([*words[-_WORD_LINES:], *(line(width) for line in lines)])
