"""The level meter that is shown while recording."""

from __future__ import annotations

from collections.abc import Callable

from stepcli.audio.signal import SILENCE_LEVEL
from stepcli.cli.io.progress import format_clock
from stepcli.cli.io.terminal import Terminal
from stepcli.tasks.transcription.interim import InterimWords
from stepcli.tasks.transcription.recording_monitor import RecordingStatus
from stepcli.text.characters import columns

_REFRESH_SECONDS = 0.1
_LONGEST_BAR = 24
_COLUMNS_PER_BLOCK = 6
"""How many columns of the terminal make one block of the bar."""


class LevelMeter:
    """Lines on a terminal with the level, the time and the state, and below them the words so far.

    `change` is applied to the words. Elsewhere than on a terminal there are only messages.
    """

    def __init__(
        self, terminal: Terminal, change: Callable[[str], str] = lambda text: text
    ) -> None:
        self._terminal = terminal
        self._change = change
        self._next = 0.0
        self._words: InterimWords | None = None

    def show(self, status: RecordingStatus, words: InterimWords, pending: int) -> None:
        """Draw the lines; ``pending`` segments are being recognized.

        New words are drawn at once, all else at most every tenth of a second of the recording.
        """
        is_early = status.seconds < self._next and words == self._words
        if self._terminal.area is None or is_early:
            return
        self._next, self._words = status.seconds + _REFRESH_SECONDS, words
        width = self._terminal.area.width
        bar = level_bar(status.level, min(_LONGEST_BAR, width // _COLUMNS_PER_BLOCK))
        state = "speaking" if status.speaking else "listening"
        waiting = f", {pending} being transcribed" if pending else ""
        lines = [f"{bar}  {format_clock(status.seconds)}  {state}{waiting}"]
        stable, tentative = map(self._change, words)
        if stable or tentative:
            lines.append(last_columns(f"{stable}{tentative}".replace("\n", " "), width))
        self._terminal.live(*lines, faint=min(len(tentative), len(lines[-1])))

    def wait(self, pending: int) -> None:
        """Show that recording is over and how many utterances are still being recognized."""
        self._terminal.live(*([f"{pending} being transcribed"] if pending else []))

    def clear(self) -> None:
        """Remove the lines."""
        self._terminal.live()

    def note(self, text: str) -> None:
        """Print a message to stderr above the lines."""
        self._terminal.info(text)

    def detail(self, text: str) -> None:
        """Print a message about a request if `--verbose` is set, from any thread."""
        self._terminal.detail(text)


def last_columns(text: str, width: int) -> str:
    """Return the end of `text` that fits `width` columns, after an ellipsis if it is cut."""
    if columns(text) <= width:
        return text
    start = 1
    while columns(text[start:]) >= width:
        start += 1
    return f"…{text[start:]}"


def level_bar(decibels: float, width: int) -> str:
    """Return a bar of `width` characters for a level in dBFS."""
    filled = round(width * (1 - decibels / SILENCE_LEVEL))
    return "█" * filled + "·" * (width - filled)
