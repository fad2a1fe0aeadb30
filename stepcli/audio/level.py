"""How loud a block of samples is."""

from __future__ import annotations

from array import array

FLOOR = -60.0
"""dBFS that counts as nothing."""


def level(block: bytes) -> float:
    """The loudest of the s16le samples in ``block``, in dBFS, FLOOR at least."""
    from math import log10

    peak = max(map(abs, array("h", block)), default=0)
    return max(FLOOR, 20 * log10(peak / 32768)) if peak else FLOOR
