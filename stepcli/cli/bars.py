"""Progress bars in seconds of sound: how much is recognised, how fast, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from stepcli.tasks.transcribe import AllCut, Answered, Cut, Event, Heard, Opened

_NAME = 30
_SOON = 1.0
"""Seconds of work before a speed means anything."""


class Bars:
    """A bar for each input between its opening and its outcome, drawn as ``progress``."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
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
        if isinstance(event, Opened):
            name = _shortened(self._names[event.input])
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
    """One input's state; all figures are seconds."""

    task: TaskID
    total: float | None
    cut: float = 0.0
    finished: float = 0.0
    under_way: dict[float, float] = field(default_factory=dict)
    began: float = field(default_factory=monotonic)

    def see(self, event: Event) -> None:
        match event:
            case Cut(_, piece):
                self.cut = piece.end
            case Heard(_, piece, delta) if delta.end is not None:
                self.under_way[piece.start] = delta.end
            case Answered(_, piece, _):
                self.under_way.pop(piece.start, None)
                self.finished += piece.end - piece.start - piece.overlap
            case AllCut():
                self.total = self.cut

    @property
    def recognised(self) -> float:
        return self.finished + sum(self.under_way.values())

    def told(self) -> str:
        """Audio time, speed in times real time, and the time that is left."""
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
