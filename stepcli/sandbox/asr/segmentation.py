"""Split long audio at pauses into segments that are short enough to recognize."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Mono samples, signed 16 bit."""

_SILENCE = 160  # of 32768
_PAUSE = 1.0  # seconds of silence that end a segment
_LONGEST = 30.0  # seconds
_FRAME = 0.02  # seconds over which loudness is measured


@dataclass(frozen=True)
class SpeechSegment:
    """Samples that begin ``start`` seconds into the recording."""

    start: float
    samples: Samples


def split_at_pauses(samples: Samples, rate: int) -> Iterator[SpeechSegment]:
    """Yield the segments of ``samples`` that are not silent, in order.

    The cuts depend only on the surrounding sound, so that a recording that repeats itself is split
    into segments that repeat themselves.
    """
    for start, end in _between_pauses(samples, rate):
        while end - start > _LONGEST * rate:
            middle = start + _quietest(samples[start : start + int(_LONGEST * rate)], rate)
            yield SpeechSegment(start / rate, samples[start:middle])
            start = middle
        yield SpeechSegment(start / rate, samples[start:end])


def _between_pauses(samples: Samples, rate: int) -> Iterator[tuple[int, int]]:
    loud = np.concatenate(([False], np.abs(samples) > _SILENCE, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    rises, falls = edges[::2], edges[1::2]
    pauses = rises[1:] - falls[:-1] > _PAUSE * rate
    starts = np.concatenate((rises[:1], rises[1:][pauses]))
    ends = np.concatenate((falls[:-1][pauses], falls[-1:]))
    yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _quietest(samples: Samples, rate: int) -> int:
    """Return the index of the quietest frame in the second half of ``samples``."""
    size = int(_FRAME * rate)
    half = len(samples) // 2
    frames = samples[half : half + (len(samples) - half) // size * size].reshape(-1, size)
    return half + int(np.argmin(np.abs(frames, dtype=np.float32).mean(axis=1))) * size + size // 2
