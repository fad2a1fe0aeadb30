"""Estimate how long text takes to speak."""

from __future__ import annotations

import re
from collections import Counter

from stepcli.text.characters import is_wide
from stepcli.text.stage_directions import DIRECTION

_WIDE = 0.22
_NARROW = 0.07
_DIGIT = 0.3

FASTEST = 0.35
"""Share of the estimate in which the fastest voice (speed 2.0) says a text."""

SLOWEST = 2.5
"""Multiple of the estimate that the slowest voice (speed 0.5) takes."""

_SPOKEN = re.compile(r"[^\W_]")


def speaking_time(text: str) -> float:
    """Return the seconds that `text` takes at an ordinary pace; stage directions take none."""
    characters = Counter(_SPOKEN.findall(DIRECTION.sub("", text)))
    return sum(_seconds(character) * count for character, count in characters.items())


def sentence_start_within(text: str, seconds: float, pace: float) -> int:
    """Return the start of the last sentence of `text` that begins within `seconds` of its sound.

    `pace` is the ratio of the actual to the estimated speaking time. 0 if none is known to.
    """
    from stepcli.text.boundaries import sentence_ends

    reached, elapsed = 0, 0.0
    for end in sentence_ends(text):
        elapsed += pace * speaking_time(text[reached:end])
        if elapsed > seconds:
            break
        reached = end
    return reached


def _seconds(character: str) -> float:
    if character.isnumeric():
        return _DIGIT
    return _WIDE if is_wide(character) else _NARROW
