"""Where a stretch of sound is quietest.

In plain Python on purpose: a minute of sound takes some milliseconds, while loading numpy would
cost a run that converts nothing a tenth of a second and half of its memory again.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from stepcli.audio_types import PCM

_FRAME = 0.02
"""Seconds over which loudness is taken."""
_PAUSE = 25
"""Frames of a pause between sentences: half a second."""
_QUIET = 0.2
"""A pause is at most so loud beside the loud tenth of its surroundings (-14 dB)."""


@dataclass(frozen=True, slots=True)
class QuietPoint:
    """The middle of the quietest half second, in frames of PCM, and whether nobody speaks there."""

    frame: int
    is_pause: bool


def find_quietest(sound: bytes | bytearray, pcm: PCM) -> QuietPoint:
    """The last of the quietest moments in ``sound``, which is at least one frame of 20 ms long."""
    levels = _levels(sound, pcm)
    width = min(_PAUSE, len(levels))
    sums = list(accumulate(levels, initial=0))
    means = [(after - before) / width for before, after in zip(sums, sums[width:], strict=False)]
    least = min(means)
    last = max(index for index, mean in enumerate(means) if mean == least)
    loud = sorted(levels)[len(levels) * 9 // 10]
    middle = (last + width / 2) * _FRAME * pcm.rate
    return QuietPoint(round(middle), least <= _QUIET * loud)


def _levels(sound: bytes | bytearray, pcm: PCM) -> list[int]:
    """The loudness of each whole frame of 20 ms."""
    samples = memoryview(sound).cast("h") if sys.byteorder == "little" else _swapped(sound)
    size = round(_FRAME * pcm.rate) * pcm.channels
    return [
        sum(map(abs, samples[start : start + size]))
        for start in range(0, len(samples) - size + 1, size)
    ]


def _swapped(sound: bytes | bytearray) -> array[int]:
    samples = array("h", bytes(sound))
    samples.byteswap()
    return samples


SILENCE_LEVEL = -60.0
"""dBFS that counts as nothing."""


def peak_level(block: bytes) -> float:
    """The loudest of the s16le samples in ``block``, in dBFS, FLOOR at least."""
    from math import log10

    peak = max(map(abs, array("h", block)), default=0)
    return max(SILENCE_LEVEL, 20 * log10(peak / 32768)) if peak else SILENCE_LEVEL


_CANCELLED = 0.1
"""How loud the mean of two channels that cancel out is, compared with their difference (-20 dB)."""


def mix_to_mono(frames: Any) -> Any:
    """Return the mean of the channels in ``frames``, a numpy array of frames by channels.

    Two channels of opposite phase, as a balanced microphone gives in a stereo input, cancel each
    other out in the mean. Then half their difference is returned, which is what they carry.
    """
    if frames.shape[1] == 2 and channels_cancel(frames):
        return frames[:, 0] / 2.0 - frames[:, 1] / 2.0
    return frames.mean(axis=1)


def channels_cancel(frames: Any) -> bool:
    """Return whether two channels in ``frames`` are, as good as, each the inverse of the other."""
    left, right = frames[:, 0] / 2.0, frames[:, 1] / 2.0
    return bool(abs(left + right).sum() < _CANCELLED * abs(left - right).sum())
