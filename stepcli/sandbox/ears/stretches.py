"""Long sound in stretches short enough to recognise, cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.int16]
"""Mono samples, signed 16 bit."""

_SILENCE = 160  # of 32768
_PAUSE = 1.0  # seconds of silence that end a stretch
_LONGEST = 30.0  # seconds
_FRAME = 0.02  # seconds over which loudness is measured


@dataclass(frozen=True)
class Stretch:
    """Sound from ``start`` seconds on."""

    start: float
    sound: Sound


def stretches(sound: Sound, rate: int) -> Iterator[Stretch]:
    """What is heard in ``sound``, in order; nothing at all of silence.

    The cuts depend only on the sound around them, so equal recordings that follow one another come
    out as equal stretches.
    """
    for start, end in _between_pauses(sound, rate):
        while end - start > _LONGEST * rate:
            middle = start + _quietest(sound[start : start + int(_LONGEST * rate)], rate)
            yield Stretch(start / rate, sound[start:middle])
            start = middle
        yield Stretch(start / rate, sound[start:end])


def _between_pauses(sound: Sound, rate: int) -> Iterator[tuple[int, int]]:
    loud = np.concatenate(([False], np.abs(sound) > _SILENCE, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    rises, falls = edges[::2], edges[1::2]
    pauses = rises[1:] - falls[:-1] > _PAUSE * rate
    starts = np.concatenate((rises[:1], rises[1:][pauses]))
    ends = np.concatenate((falls[:-1][pauses], falls[-1:]))
    yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _quietest(sound: Sound, rate: int) -> int:
    """Where in the second half of ``sound`` it is quietest, in samples."""
    size = int(_FRAME * rate)
    half = len(sound) // 2
    frames = sound[half : half + (len(sound) - half) // size * size].reshape(-1, size)
    return half + int(np.argmin(np.abs(frames, dtype=np.float32).mean(axis=1))) * size + size // 2
