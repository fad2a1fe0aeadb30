"""Several voices in one sound: a cast, and the requests of a script or of timed subtitles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from stepcli.api.catalog import SPEECH_LIMITS
from stepcli.api.speech import SpeechRequest
from stepcli.errors import UsageError
from stepcli.subtitles.formats import Cue
from stepcli.tasks.speech.arrangement import Slot
from stepcli.tasks.speech.requests import requests_for
from stepcli.text.preparation import is_only_direction
from stepcli.text.script import Pause, Turn, parse_script, split_name

Cast = Mapping[str, Mapping[str, Any]]
"""The names of a script, and the fields of SpeechRequest that each one's requests have."""

_MANNER: dict[str, Callable[[str], Any]] = {
    "instruction": str,
    "speed": float,
    "volume": float,
    "model": str,
}
_OPTION = re.compile(r",\s*(?=[\w-]+\s*=)")


def read_cast(entries: Iterable[tuple[str, str]]) -> Cast:
    """Return the cast of pairs of a name and ``VOICE[, instruction=TEXT][, speed=X]…``.

    Raise UsageError for an entry that is not of this form.
    """
    return {name: _member(name, entry) for name, entry in entries}


def _member(name: str, entry: str) -> dict[str, Any]:
    if not name or set(name) & set(":：\r\n#["):
        raise UsageError(f"{name!r} cannot be a name of the cast", hint="use --cast NAME=VOICE")
    voice, *options = (part.strip() for part in _OPTION.split(entry))
    if not voice or "=" in voice:
        raise UsageError(f"the cast has no voice for {name}", hint=f"use --cast {name}=VOICE")
    return {"voice": voice} | dict(_manner(name, option) for option in options)


def _manner(name: str, option: str) -> tuple[str, Any]:
    key, _, written = (part.strip() for part in option.partition("="))
    convert = _MANNER.get(key.lower())
    if convert is None:
        near = get_close_matches(key, _MANNER, 1) or [", ".join(_MANNER)]
        raise UsageError(f"{name} has an unknown option {key!r}", hint=f"did you mean {near[0]}?")
    try:
        return key.lower(), convert(written)
    except ValueError:
        raise UsageError(f"the {key} of {name} must be a number, not {written!r}") from None


def script_slots(
    text: str, cast: Cast, defaults: SpeechRequest, prepare: Callable[[str], str]
) -> list[Slot]:
    """Return the parts of a script in order; text before the first name has the default voice.

    `prepare` converts the text of each turn to what is sent; a turn that is only a stage direction
    is not sent. Raise UsageError if there is no text, or for an invalid line.
    """
    slots: list[Slot] = []
    pause = 0.0
    for element in parse_script(text, cast):
        match element:
            case Pause(_, seconds):
                pause += seconds
            case Turn(_, speaker, spoken):
                if turn := _turn(speaker, prepare(spoken), cast, defaults):
                    slots += [replace(turn[0], pause=pause), *turn[1:]]
                    pause = 0.0
    if not slots:
        raise UsageError("the script has no text to speak")
    return [*slots[:-1], replace(slots[-1], rest=pause)]


def timed_slots(
    cues: Sequence[Cue], cast: Cast, defaults: SpeechRequest, prepare: Callable[[str], str]
) -> list[Slot]:
    """Return the parts of subtitles, each at its own time; a cue may begin with a name of `cast`.

    A cue has until the next one begins, and the last one until its own end. One that is only a
    stage direction is not sent. Raise UsageError if there is no text.
    """
    ends = [*(following.start for _, following in pairwise(cues)), *(cue.end for cue in cues[-1:])]
    slots: list[Slot] = []
    for number, (cue, end) in enumerate(zip(cues, ends, strict=True), 1):
        speaker, spoken = split_name(cue.text, cast)
        turn = _turn(speaker, prepare(" ".join(spoken.split())), cast, defaults)
        slots += [replace(slot, start=cue.start) for slot in turn[:-1]]
        slots += [replace(slot, start=cue.start, end=end, cue=number) for slot in turn[-1:]]
    if not slots:
        raise UsageError("the subtitles have no text to speak")
    return slots


def _turn(speaker: str | None, text: str, cast: Cast, defaults: SpeechRequest) -> list[Slot]:
    """Return the parts of a turn; none if nothing of it can be heard."""
    manner = cast[speaker] if speaker is not None else {}
    request = replace(defaults, text=text, **manner)
    return [Slot(one, speaker) for one in requests_for(request)] if _is_audible(request) else []


def _is_audible(request: SpeechRequest) -> bool:
    limits = SPEECH_LIMITS.get(request.model)
    follows_directions = limits is not None and limits.stage_directions
    return bool(request.text.strip()) and not (
        follows_directions and is_only_direction(request.text)
    )
