"""Scripts: text for several speakers, with pauses and comments.

A line ``NAME: text`` gives the turn to a speaker, if NAME is in the cast; the lines that follow are
spoken by the same one. ``[pause S]`` on a line of its own is S seconds of silence, and a line that
begins with ``#`` is a comment. Everything else is text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import NamedTuple

from stepcli.errors import UsageError

LONGEST_PAUSE = 600.0
"""The maximum length of a pause, in seconds."""

_NAME = re.compile(r"([^:：\r\n]+)[:：][ \t]*")
_PAUSE = re.compile(r"\[\s*pause(?:\s+([^\]]*?))?\s*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a speaker says without a pause; `speaker` is None before the first name."""

    line: int
    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of `seconds`."""

    line: int
    seconds: float


def parse_script(text: str, names: Collection[str]) -> list[Turn | Pause]:
    """Return the turns and pauses of the script `text`; `names` are those of the cast.

    Consecutive lines of one speaker are one turn. Text without names, pauses and comments is one
    turn, unchanged. Raise UsageError, which names the line, for a pause that is not between 0 and
    LONGEST_PAUSE seconds.
    """
    elements: list[Turn | Pause] = []
    turn = _OpenTurn(None)
    for line in _lines(text, names):
        if line.pause is not None or line.name not in (None, turn.speaker):
            elements += turn.finished()
            turn = _OpenTurn(line.name or turn.speaker)
        if line.pause is None:
            turn.add(line)
        else:
            elements.append(Pause(line.number, line.pause))
    return [*elements, *turn.finished()]


@dataclass(slots=True)
class _OpenTurn:
    speaker: str | None
    line: int = 1
    text: str = ""

    def add(self, line: _Line) -> None:
        self.line = self.line if self.text.strip() else line.number
        self.text += line.text

    def finished(self) -> list[Turn | Pause]:
        """Return the turn, unless it is blank."""
        text = self.text if self.speaker is None else self.text.strip()
        return [Turn(self.line, self.speaker, text)] if text.strip() else []


class _Line(NamedTuple):
    """A line of a script: the name before its text, and the seconds of a pause, if it has any."""

    number: int
    name: str | None
    text: str
    pause: float | None


def _lines(text: str, names: Collection[str]) -> Iterator[_Line]:
    """Yield the lines of `text` that are not comments."""
    for number, line in enumerate(StringIO(text, newline=""), 1):
        if not line.lstrip().startswith("#"):
            name, spoken = split_name(line, names)
            yield _Line(number, name, spoken, _pause(spoken, number))


def split_name(line: str, names: Collection[str]) -> tuple[str | None, str]:
    """Return the speaker's name at the beginning of `line`, if it has one, and the rest."""
    found = _NAME.match(line)
    name = found[1].strip() if found else ""
    return (name, line[found.end() :]) if found and name in names else (None, line)


def _pause(line: str, number: int) -> float | None:
    """Return the seconds of a line that is a pause, else None."""
    found = _PAUSE.fullmatch(line.strip())
    if found is None:
        return None
    seconds = _seconds(found[1] or "")
    if 0 <= seconds <= LONGEST_PAUSE:
        return seconds
    raise UsageError(
        f"line {number}: {line.strip()} is not a pause of 0 to {LONGEST_PAUSE:g} seconds",
        hint="write the seconds as a number, such as [pause 1.5]",
    )


def _seconds(written: str) -> float:
    """Return the number `written`, with or without the unit s; NaN if it is none."""
    try:
        return float(written.lower().removesuffix("s"))
    except ValueError:
        return math.nan
