"""Vary every performance a little, as a neural voice does (PROTOCOL.md §3)."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections import Counter
from dataclasses import dataclass

_PACE = 0.04  # relative
_PITCH = 4  # of espeak-ng's 0 to 99
_MAX_LEAD, _MAX_TAIL = 0.06, 0.12  # seconds of silence


@dataclass(frozen=True)
class Variation:
    """How one performance differs from the plain one."""

    pace: float = 1.0
    pitch: int = 0
    word_gap: int = 0
    """Units of 10 ms between words. Never drawn: the recognition model mishears separated words."""
    lead: float = 0.0
    """Seconds of silence before the first word."""
    tail: float = 0.0
    """Seconds of silence after the last word."""


PLAIN = Variation()


class VariationSource:
    """Draws a variation for each performance.

    The n-th performance of the same request is the same in every run with the same seed,
    independent of other requests.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._seed = secrets.randbits(64) if seed is None else seed
        self._performances: Counter[bytes] = Counter()

    def draw(self, request: str) -> Variation:
        """Return the variation for the next performance of ``request``."""
        digest = hashlib.sha256(request.encode()).digest()
        self._performances[digest] += 1
        generator = random.Random(f"{self._seed} {self._performances[digest]} {digest.hex()}")
        return Variation(
            pace=generator.uniform(1 - _PACE, 1 + _PACE),
            pitch=generator.randint(-_PITCH, _PITCH),
            lead=generator.uniform(0, _MAX_LEAD),
            tail=generator.uniform(0, _MAX_TAIL),
        )
