"""Subtitle file formats: SubRip (``.srt``), WebVTT (``.vtt``), LRC (``.lrc``) and JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepcli.subtitles.alignment import Word


class SubtitleFormat(StrEnum):
    """The formats of subtitle files."""

    SRT = "srt"
    VTT = "vtt"
    LRC = "lrc"
    JSON = "json"


SUBTITLE_EXTENSIONS = {f".{one.value}": one for one in SubtitleFormat}
"""The format that each extension of a file name stands for."""


@dataclass(frozen=True, slots=True)
class CueStyle:
    """The limits of a cue, and whether its words have times in formats that allow both.

    A line holds `line_width` Latin characters, or Chinese ones of the same width: 20 for 42.
    A cue has at most `lines` lines and lasts at most `seconds`.
    """

    line_width: int = 42
    lines: int = 2
    seconds: float = 7.0
    word_times: bool = False

    def beside(self, speaker: str) -> CueStyle:
        """Return the style with room for the name of the speaker in a line."""
        width = max(self.line_width // 2, self.line_width - len(f"{speaker}: "))
        return replace(self, line_width=width)


DEFAULT_STYLE = CueStyle()


@dataclass(frozen=True, slots=True)
class Cue:
    """``text``, of one or more lines, shown from ``start`` to ``end`` seconds, and its ``words``.

    Words have no white space around them; there are none where their times are unknown. The
    ``speaker`` is known where there are several.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    speaker: str | None = None

    @property
    def named_text(self) -> str:
        """The text after the name of the speaker."""
        return self.text if self.speaker is None else f"{self.speaker}: {self.text}"


def srt(cues: Iterable[Cue], first: int = 1) -> str:
    """Return ``cues`` as SubRip, numbered from ``first``.

    SubRip has no escapes: an arrow that could turn a line of text into a timing line is replaced.
    """
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n"
        f"{_body(cue.text).replace('-->', '→')}\n\n"
        for number, cue in enumerate(cues, first)
    )


def vtt(cues: Iterable[Cue], *, word_times: bool = False) -> str:
    """Return ``cues`` as WebVTT with escaped markup (https://www.w3.org/TR/webvtt1/)."""
    body = _timed if word_times else _plain
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_voice(cue)}{body(cue)}\n\n"
        for cue in cues
    )


def lrc(cues: Iterable[Cue]) -> str:
    """Return ``cues`` as LRC: a line each, with its start.

    LRC has no escapes: a space keeps a bracket at the start of a text from being read as a tag.
    """
    return "".join(
        f"[{_lrc_clock(cue.start)}]{' ' * text.startswith('[')}{text}\n"
        for cue in cues
        for text in [" ".join(cue.named_text.split())]
    )


def segment(cue: Cue) -> dict[str, Any]:
    """Return ``cue`` as a JSON object; times are in seconds."""
    words = [{"text": word.text, **_times(word)} for word in cue.words]
    speaker = {} if cue.speaker is None else {"speaker": cue.speaker}
    return {**_times(cue), **speaker, "text": cue.text, "words": words}


def _times(timed: Cue | Word) -> dict[str, float]:
    return {"start": round(timed.start, 3), "end": round(timed.end, 3)}


def _voice(cue: Cue) -> str:
    return "" if cue.speaker is None else f"<v {_escaped(cue.speaker)}>"


def _plain(cue: Cue) -> str:
    return _escaped(_body(cue.text))


def _timed(cue: Cue) -> str:
    """Return the escaped text with the start of each word that differs from the one before."""
    tags: dict[int, str] = {}
    position, latest = 0, _milliseconds(cue.start)
    for word in cue.words:
        if latest < (start := _milliseconds(word.start)) < _milliseconds(cue.end):
            tags[position] = f"<{_clock(word.start, '.')}>"
            latest = start
        position += len("".join(word.text.split()))
    text, position = "", 0
    for character in _body(cue.text):
        if not character.isspace():
            text += tags.get(position, "")
            position += 1
        text += _escaped(character)
    return text


def _lrc_clock(seconds: float) -> str:
    minutes, hundredths = divmod(round(100 * seconds), 6000)
    return f"{minutes:02}:{hundredths // 100:02}.{hundredths % 100:02}"


def _clock(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(_milliseconds(seconds), 60_000)
    return (
        f"{minutes // 60:02}:{minutes % 60:02}:"
        f"{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
    )


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)


def _body(text: str) -> str:
    """Return the text without blank lines, which would end the cue."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
