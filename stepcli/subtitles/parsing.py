"""Read subtitle files: SubRip (``.srt``) and WebVTT (``.vtt``).

Own code, because the libraries for these formats skip what they cannot read: text that would not be
spoken, without a line number to find it by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from stepcli.errors import UsageError
from stepcli.subtitles.formats import Cue

_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.\S+)?\s+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)\b")
_EXAMPLE = "00:00:01,000 --> 00:00:02,500"


def parse_subtitles(text: str) -> list[Cue]:
    """Return the cues of a SubRip or WebVTT file in the order of their starts.

    Markup is removed; a WebVTT voice ``<v NAME>`` becomes ``NAME:`` before the text. Cues without
    text are left out. Raise UsageError, which names the line, for a block that is not a cue.
    """
    webvtt = text.startswith("WEBVTT")
    blocks = _blocks(text)
    if webvtt:
        next(blocks)
    cues = [
        _cue(number, lines, webvtt=webvtt)
        for number, lines in blocks
        if not (webvtt and _NO_CUE.match(lines[0]))
    ]
    return sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the groups of lines between blank lines, with the number of their first line."""
    first, lines = 1, list[str]()
    for number, line in enumerate([*re.split("\r\n|\r|\n", text), ""], 1):
        if line.strip():
            lines.append(line)
        else:
            if lines:
                yield first, lines
            first, lines = number + 1, []


def _cue(number: int, lines: Sequence[str], *, webvtt: bool) -> Cue:
    """Return the cue of a block, whose first line may be its number or name."""
    timing = 0 if "-->" in lines[0] else min(1, len(lines) - 1)
    found = _TIMING.fullmatch(lines[timing])
    if found is None:
        raise UsageError(
            f"line {number + timing}: expected the times of a cue, such as {_EXAMPLE}",
            hint="a cue is a line with its times, its text, and a blank line",
        )
    start, end = _seconds(found.groups()[:4]), _seconds(found.groups()[4:])
    if end < start:
        raise UsageError(f"line {number + timing}: the cue ends before it starts")
    return Cue(start, end, _plain("\n".join(lines[timing + 1 :]), webvtt=webvtt))


def _seconds(fields: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (field or "0" for field in fields)
    whole = 3600 * int(hours) + 60 * int(minutes) + int(seconds)
    return (1000 * whole + int(fraction.ljust(3, "0"))) / 1000


def _plain(text: str, *, webvtt: bool) -> str:
    """Return the text of a cue without markup."""
    if webvtt:
        text = _VOICE.sub(r"\1: ", text)
    text = _TAG.sub("", text)
    return (unescape(text) if webvtt else text).strip()
