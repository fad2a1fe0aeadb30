"""Progress of a transcription: a line for each open input, below the words of the first one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from stepcli.audio.segments import Segment
from stepcli.cli.io.live_area import LiveArea
from stepcli.cli.io.progress import Drawing, Pace, format_clock, progress_line
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
from stepcli.text.characters import folded

_WORD_LINES = 4
"""Lines of recognized words that are shown."""


@dataclass(slots=True)
class _InputProgress:
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


@contextmanager
def progress_display(terminal: Terminal, names: Sequence[str]) -> Iterator[ProgressDisplay]:
    """Yield bars if stderr is a terminal and words if stdout is; neither if --quiet or --json."""
    bars, words = terminal.stderr_is_terminal, terminal.stdout_is_terminal
    if terminal.quiet or terminal.json or not (bars or words):
        yield ProgressDisplay()
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
        self._names = names
        self._area = terminal.area if bars and terminal.area else LiveArea(terminal.stdout)
        self._shows_bars = bars
        self._shows_words = words
        self._words = ""
        self._segment: Segment | None = None
        self._open: dict[int, _InputProgress] = {}
        self._lines: dict[int, Callable[[int], str]] = {}
        self._drawing: Drawing | None = None

    def update(self, event: Event) -> None:
        name = escaped(self._names[event.input])
        if isinstance(event, InputReceiving):
            self._lines[event.input] = partial(_download_line, name, event)
        elif isinstance(event, InputOpened):
            self._open[event.input] = state = _InputProgress(name, Pace(event.duration))
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
