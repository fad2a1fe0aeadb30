"""Progress displays on a terminal: a bar for each input, and words as they are recognised."""

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
    InputResult,
    InputSegmented,
    SegmentReady,
    SegmentRecognized,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.progress import TaskID

_NAME = 30
_SOON = 1.0
"""Seconds of work before a speed means anything."""


class Bars:
    """A progress bar for each input between its opening and its outcome."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._names = names
        self._open: dict[int, _Bar] = {}
        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[told]}", markup=False),
            console=console,
            auto_refresh=False,
        )

    def see(self, event: Event) -> None:
        if isinstance(event, InputOpened):
            name = _shortened(escaped(self._names[event.input]))
            task = self.progress.add_task(name, total=event.duration, told="")
            self._open[event.input] = _Bar(task, event.duration)
        elif bar := self._open.get(event.input):
            bar.see(event)
            self.progress.update(
                bar.task, completed=bar.recognised, total=bar.total, told=bar.told()
            )

    def remove(self, input: int) -> None:
        if bar := self._open.pop(input, None):
            self.progress.remove_task(bar.task)


@dataclass(slots=True)
class _Bar:
    """The state of one input; all figures are in seconds."""

    task: TaskID
    total: float | None
    cut: float = 0.0
    finished: float = 0.0
    under_way: dict[float, float] = field(default_factory=dict)
    began: float = field(default_factory=monotonic)

    def see(self, event: Event) -> None:
        match event:
            case SegmentReady(_, segment):
                self.cut = segment.end
            case DeltaReceived(_, segment, delta) if delta.end is not None:
                self.under_way[segment.start] = delta.end
            case SegmentRecognized(_, segment, _):
                self.under_way.pop(segment.start, None)
                self.finished += segment.end - segment.start - segment.overlap
            case InputSegmented():
                self.total = self.cut

    @property
    def recognised(self) -> float:
        return self.finished + sum(self.under_way.values())

    def told(self) -> str:
        """Return the audio time, the speed in multiples of real time, and the remaining time."""
        seconds, passed = self.recognised, monotonic() - self.began
        told = _clock(seconds) + (f" / {_clock(self.total)}" if self.total else "")
        if not seconds or passed < _SOON:
            return told
        speed = seconds / passed
        left = f"  {_clock((self.total - seconds) / speed)} left" if self.total else ""
        return f"{told}  {speed:.0f}×{left}"


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"


_LINES = 4
"""Of the words under way, so many lines are shown."""
_REFRESH = 8


class Watch:
    """A display that shows nothing."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def see(self, event: Event) -> None:
        """Record that something happened; events may arrive in any order."""

    def heard(self, heard: DeltaReceived) -> None:
        """Show the next words."""

    def done(self, outcome: InputResult) -> None:
        """Remove the display of a finished input before its result is printed."""

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Free the terminal for other output during the block."""
        yield

    def note(self, text: str) -> None:
        """Print a message to stderr, from any thread."""
        self._terminal.note(text)


@contextmanager
def watching(terminal: Terminal, names: Sequence[str]) -> Iterator[Watch]:
    """Yield bars if stderr is a terminal and words if stdout is; neither if --quiet or --json."""
    bars, words = terminal.stderr_is_terminal, terminal.stdout_is_terminal
    if terminal.quiet or terminal.json or not (bars or words):
        yield Watch(terminal)
        return
    watch = _Live(terminal, names, bars=bars, words=words)
    try:
        yield watch
    finally:
        watch.stop()


class _Live(Watch):
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
        self._bars: Bars | None = None

    def see(self, event: Event) -> None:
        if not self._live:
            self._start()
        if self._bars:
            self._bars.see(event)

    def heard(self, heard: DeltaReceived) -> None:
        if not self._shows_words:
            return
        if heard.segment is not self._segment:
            self._segment, self._words = heard.segment, f"{self._words} ".lstrip()
        self._words += escaped(heard.delta.text)

    def done(self, outcome: InputResult) -> None:
        self._words = ""
        if self._bars:
            self._bars.remove(outcome.input)

    @contextmanager
    def aside(self) -> Iterator[None]:
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
            self._bars = Bars(console, self._names)
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
