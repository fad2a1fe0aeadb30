"""Subtitle file formats: SubRip (``.srt``) and WebVTT (``.vtt``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """``text``, of one or more lines, shown from ``start`` to ``end`` seconds."""

    start: float
    end: float
    text: str


def srt(cues: Iterable[Cue], first: int = 1) -> str:
    """Return ``cues`` as SubRip, numbered from ``first``.

    SubRip has no escapes: an arrow that could turn a line of text into a timing line is replaced.
    """
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n"
        f"{_body(cue.text).replace('-->', '→')}\n\n"
        for number, cue in enumerate(cues, first)
    )


def vtt(cues: Iterable[Cue]) -> str:
    """Return ``cues`` as WebVTT with escaped markup (https://www.w3.org/TR/webvtt1/)."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escaped(_body(cue.text))}\n\n"
        for cue in cues
    )


def _clock(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(1000 * seconds), 60_000)
    return (
        f"{minutes // 60:02}:{minutes % 60:02}:"
        f"{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
    )


def _body(text: str) -> str:
    """Return the text without blank lines, which would end the cue."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence spoken from ``start`` to ``end`` seconds of the output."""

    text: str
    start: float
    end: float
