"""Where sound begins after silence: word times compared with it are independent of the service."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.sounds import Samples

_STEP = 0.005
_SILENCE = 0.06
"""Seconds of silence before an onset."""
_AUDIBLE = 0.01
"""Share of the level of loud speech from which sound is not silence."""


def onsets(samples: Samples, rate: int = 24000) -> Samples:
    """Return the seconds at which sound begins after silence."""
    size = int(rate * _STEP)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    levels = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(levels > _AUDIBLE * np.percentile(levels, 99))
    gaps = np.diff(loud, prepend=-1_000_000)
    return np.array([place * _STEP for place in loud[gaps * _STEP > _SILENCE]])


def distances(starts: Sequence[float], samples: Samples, rate: int = 24000) -> Samples:
    """Return how far from each of `starts` the nearest onset is, in seconds."""
    found = onsets(samples, rate)
    return np.array([np.abs(found - start).min() for start in starts])
