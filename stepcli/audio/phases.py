"""Two channels of the same sound, one upside down: together they are silence.

That is what a balanced microphone becomes in a stereo input. A difference of the channels is the
sound that their mean is not.
"""

from __future__ import annotations

import sys
from array import array

LISTENED = 10
"""Seconds at the beginning that tell."""
_SAMPLED = 15
"""One frame in so many is looked at."""
_SILENT = 0.1
"""How loud the mean of both may be beside their difference (-20 dB)."""


def cancel(stereo: bytes) -> bool:
    """Whether the two channels of s16le samples cancel each other."""
    samples = array("h", stereo)
    if sys.byteorder == "big":
        samples.byteswap()
    pairs = list(zip(samples[:: 2 * _SAMPLED], samples[1 :: 2 * _SAMPLED], strict=False))
    mean = sum(abs(left + right) for left, right in pairs)
    return mean < _SILENT * sum(abs(left - right) for left, right in pairs)
