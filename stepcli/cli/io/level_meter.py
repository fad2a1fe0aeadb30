"""The level meter that is shown while recording."""

from __future__ import annotations

from shutil import get_terminal_size

from stepcli.audio.signal import SILENCE_LEVEL
from stepcli.cli.io.progress import format_clock
from stepcli.cli.io.terminal import Terminal
from stepcli.tasks.transcription.recording_monitor import RecordingStatus

_WIDTH = 24
_OTHER_COLUMNS = 50
"""Columns for everything but the bar."""


class LevelMeter:
    """A line on a terminal with the time, the level and the state; elsewhere only messages."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def show(self, status: RecordingStatus, pending: int = 0) -> None:
        """Draw the line; ``pending`` utterances are being recognized."""
        state = "speaking" if status.speaking else "listening"
        waiting = f", {pending} being transcribed" if pending else ""
        room = get_terminal_size().columns - _OTHER_COLUMNS
        bar = level_bar(status.level, max(0, min(_WIDTH, room)))
        self._terminal.live(f"● {format_clock(status.seconds)}  {bar}  {state}{waiting}")

    def wait(self, pending: int) -> None:
        """Show that recording is over and how many utterances are still being recognized."""
        self._terminal.live(*([f"{pending} being transcribed"] if pending else []))

    def clear(self) -> None:
        self._terminal.live()

    def note(self, text: str) -> None:
        """Print a message to stderr and redraw the line below it."""
        self.clear()
        self._terminal.note(f"stepcli: {text}")

    def detail(self, text: str) -> None:
        """Print a message about a request if `--verbose` is set, from any thread."""
        if self._terminal.verbose:
            self.clear()
            self._terminal.detail(text)


def level_bar(decibels: float, width: int) -> str:
    """Return a bar of `width` characters for a level in dBFS."""
    filled = round(width * (1 - decibels / SILENCE_LEVEL))
    return "█" * filled + "·" * (width - filled)
