"""Progress displays on a terminal: a bar for each input, and words as they are recognized."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from stepcli.audio.segments import Segment
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

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.progress import TaskID

_NAME_WIDTH = 30
_MIN_SECONDS = 1.0
"""Seconds of work before the speed is shown."""


class ProgressBars:
    """A progress bar for each input between its opening and its outcome."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._names = names
        self._open: dict[int, _BarState] = {}
        self._downloads: dict[int, TaskID] = {}
        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[status]}", markup=False),
            console=console,
            auto_refresh=False,
        )

    def update(self, event: Event) -> None:
        if isinstance(event, InputReceiving):
            self._show_download(event)
        elif isinstance(event, InputOpened):
            self.remove(event.input)
            task = self._add(event.input, event.duration)
            self._open[event.input] = _BarState(task, event.duration)
        elif bar := self._open.get(event.input):
            bar.update(event)
            self.progress.update(
                bar.task, completed=bar.recognized, total=bar.total, status=bar.status()
            )

    def remove(self, input: int) -> None:
        if bar := self._open.pop(input, None):
            self.progress.remove_task(bar.task)
        if (task := self._downloads.pop(input, None)) is not None:
            self.progress.remove_task(task)

    def _show_download(self, event: InputReceiving) -> None:
        if event.input not in self._downloads:
            self._downloads[event.input] = self._add(event.input, event.total)
        sizes = [f"{size / 1e6:.1f}" for size in (event.received, event.total) if size is not None]
        self.progress.update(
            self._downloads[event.input],
            completed=event.received,
            total=event.total,
            status=f"{' / '.join(sizes)} MB",
        )

    def _add(self, input: int, total: float | None) -> TaskID:
        name = _shorten(escaped(self._names[input]))
        return self.progress.add_task(name, total=total, status="")


@dataclass(slots=True)
class _BarState:
    """The state of one input; all figures are in seconds."""

    task: TaskID
    total: float | None
    segmented: float = 0.0
    finished: float = 0.0
    partial: dict[float, float] = field(default_factory=dict)
    started: float = field(default_factory=monotonic)

    def update(self, event: Event) -> None:
        match event:
            case SegmentReady(_, segment):
                self.segmented += _seconds(segment)
            case DeltaReceived(_, segment, delta) if delta.end is not None:
                self.partial[segment.start] = delta.end
            case SegmentRecognized(_, segment, _):
                self.partial.pop(segment.start, None)
                self.finished += _seconds(segment)
            case InputSegmented():
                self.total = self.segmented

    @property
    def recognized(self) -> float:
        return self.finished + sum(self.partial.values())

    def status(self) -> str:
        """Return the audio time, the speed in multiples of real time, and the remaining time."""
        seconds, passed = self.recognized, monotonic() - self.started
        text = format_clock(seconds) + (f" / {format_clock(self.total)}" if self.total else "")
        if not seconds or passed < _MIN_SECONDS:
            return text
        speed = seconds / passed
        left = f"  {format_clock((self.total - seconds) / speed)} left" if self.total else ""
        return f"{text}  {speed:.0f}×{left}"


def _seconds(segment: Segment) -> float:
    """Return the seconds of `segment` that the previous one does not contain."""
    return segment.end - segment.start - segment.overlap


def format_clock(seconds: float) -> str:
    """Return a time such as 0:07, 12:34 or 1:02:03."""
    minutes, second = divmod(int(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _shorten(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else f"…{name[1 - _NAME_WIDTH :]}"


_LINES = 4
"""Lines of recognized words that are shown."""
_REFRESH = 8


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
    """A display that is drawn. rich is loaded only when the first request is being sent."""

    def __init__(
        self, terminal: Terminal, names: Sequence[str], *, bars: bool, words: bool
    ) -> None:
        super().__init__(terminal)
        self._names = names
        self._shows_bars = bars
        self._shows_words = words
        self._words = ""
        self._segment: Segment | None = None
        self._live: Live | None = None
        self._bars: ProgressBars | None = None

    def update(self, event: Event) -> None:
        if not self._live:
            self._start()
        if self._bars:
            self._bars.update(event)

    def show_delta(self, delta: DeltaReceived) -> None:
        if not self._shows_words:
            return
        if delta.segment is not self._segment:
            self._segment, self._words = delta.segment, f"{self._words} ".lstrip()
        self._words += escaped(delta.delta.text)

    def finish_input(self, result: InputResult) -> None:
        self._words = ""
        if self._bars:
            self._bars.remove(result.input)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Remove the drawing during the block; the next event restores it."""
        self.stop()
        yield

    def note(self, text: str) -> None:
        if (live := self._live) and self._shows_bars:
            live.console.print(escaped(text), markup=False, soft_wrap=True)
        else:
            super().note(text)

    def stop(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _start(self) -> None:
        """Start a new drawing; reusing the previous one would erase what was written since."""
        from rich.live import Live

        stream = self._terminal.stderr if self._shows_bars else self._terminal.stdout
        console = self._terminal.console(stream)
        if self._shows_bars and not self._bars:
            self._bars = ProgressBars(console, self._names)
        self._live = Live(
            console=console,
            get_renderable=self._drawn,
            refresh_per_second=_REFRESH,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _drawn(self) -> RenderableType:
        from rich.console import Group

        drawn: list[RenderableType] = [self._bars.progress] if self._bars else []
        return Group(*self._last_lines(), *drawn)

    def _last_lines(self) -> Sequence[RenderableType]:
        from rich.text import Text

        if not self._live or not self._words:
            return []
        width = self._live.console.width
        return list(Text(self._words[-_LINES * width :]).wrap(self._live.console, width))[-_LINES:]


@contextmanager
def progress(terminal: Terminal, total: int) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of finished steps; silent if ``total`` is 1."""
    if total < 2 or terminal.quiet or not terminal.stderr_is_terminal:
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    console = terminal.console(terminal.stderr)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)
