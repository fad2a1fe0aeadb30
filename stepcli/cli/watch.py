"""What somebody at a terminal sees meanwhile: a bar for each sound, and the words as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stepcli.audio.pieces import Piece
from stepcli.cli.terminal import Terminal, escaped
from stepcli.tasks.in_order import Outcome
from stepcli.tasks.transcribe import Event, Heard

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from stepcli.cli.bars import Bars

_LINES = 4
"""Of the words under way, so many lines are shown."""
_REFRESH = 8


class Watch:
    """Nobody watches."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def see(self, event: Event) -> None:
        """Something has happened, in whatever order."""

    def heard(self, heard: Heard) -> None:
        """The words that come next."""

    def done(self, outcome: Outcome) -> None:
        """An input is over; what stood for it gives way to its result."""

    @contextmanager
    def aside(self) -> Iterator[None]:
        """The terminal is free for something else."""
        yield

    def note(self, text: str) -> None:
        """A sentence on stderr, from any thread."""
        self._terminal.note(text)


@contextmanager
def watching(terminal: Terminal, names: Sequence[str]) -> Iterator[Watch]:
    """Bars where stderr is a terminal, words where stdout is; neither with --quiet or --json."""
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
    """Somebody watches. rich is loaded only when the first request is on its way."""

    def __init__(
        self, terminal: Terminal, names: Sequence[str], *, bars: bool, words: bool
    ) -> None:
        super().__init__(terminal)
        self._names = names
        self._shows_bars = bars
        self._shows_words = words
        self._words = ""
        self._piece: Piece | None = None
        self._live: Live | None = None
        self._bars: Bars | None = None

    def see(self, event: Event) -> None:
        if not self._live:
            self._start()
        if self._bars:
            self._bars.see(event)

    def heard(self, heard: Heard) -> None:
        if not self._shows_words:
            return
        if heard.piece is not self._piece:
            self._piece, self._words = heard.piece, f"{self._words} ".lstrip()
        self._words += escaped(heard.delta.text)

    def done(self, outcome: Outcome) -> None:
        self._words = ""
        if self._bars:
            self._bars.remove(outcome.input)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is drawn comes back with the next event, if there is one."""
        self.stop()
        yield

    def note(self, text: str) -> None:
        if (live := self._live) and self._shows_bars:
            live.console.print(escaped(text), markup=False, highlight=False, soft_wrap=True)
        else:
            super().note(text)

    def stop(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _start(self) -> None:
        """A new drawing each time: one that is taken up again erases what was written since."""
        from rich.console import Console
        from rich.live import Live

        from stepcli.cli.bars import Bars

        stream = self._terminal.stderr if self._shows_bars else self._terminal.stdout
        console = Console(file=stream)
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
