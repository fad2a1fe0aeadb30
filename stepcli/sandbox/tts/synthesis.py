"""Synthesize a text with the settings of a request, differently each time (PROTOCOL.md §3)."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import soxr
from numpy.typing import NDArray

from stepcli.sandbox.tts import espeak
from stepcli.sandbox.tts.alignment import SpokenSpan
from stepcli.sandbox.tts.spoken_text import Passage, select_spoken_text
from stepcli.sandbox.tts.voices import Speaker

Samples = NDArray[np.int16]
"""Mono samples, signed 16 bit."""

_HEADROOM = 0.5  # so that a volume of 2 does not clip
_SILENCE = 0.2  # seconds for a text without words
_QUIET = 0.005  # of the peak; a word ends with its last louder sample
_ENHANCED_PACE = 0.92
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


@dataclass(frozen=True)
class SynthesisSettings:
    """Everything that a request specifies besides its text."""

    speaker: Speaker
    rate: int = 24000
    speed: float = 1.0
    volume: float = 1.0
    directions: bool = True
    markdown: bool = False
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    enhanced: bool = False
    """Read units and symbols in full, and more slowly."""


@dataclass(frozen=True)
class Performance:
    """One synthesis of a text: samples, the text without markup, and the time of its words."""

    samples: Samples
    rate: int
    shown: str
    words: list[SpokenSpan]

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def synthesize(text: str, settings: SynthesisSettings, variation: Variation = PLAIN) -> Performance:
    """Return a performance of ``text``; the same arguments give the same one every time."""
    spoken = select_spoken_text(
        text,
        directions=settings.directions,
        markdown=settings.markdown,
        pronunciations=settings.pronunciations,
        spell_out=settings.enhanced,
    )
    samples, words = _speak(spoken.passages, settings, variation)
    if not len(samples):
        silence = np.zeros(int(_SILENCE * settings.rate), np.int16)
        return Performance(silence, settings.rate, spoken.shown, [])
    resampled = soxr.resample(samples, espeak.RATE, settings.rate).astype(np.float32)
    scaled = np.clip(np.rint(resampled * (_HEADROOM * settings.volume)), -32768, 32767)
    return Performance(scaled.astype(np.int16), settings.rate, spoken.shown, words)


def _speak(
    passages: list[Passage], settings: SynthesisSettings, variation: Variation
) -> tuple[Samples, list[SpokenSpan]]:
    """Return the passages one after another at espeak-ng's rate, and the times of their words."""
    pace = settings.speed * variation.pace * (_ENHANCED_PACE if settings.enhanced else 1)
    parts = [_silence(variation.lead if passages else 0)]
    words: list[SpokenSpan] = []
    for passage in passages:
        voice = settings.speaker.espeak_voice(
            passage.language, pace, variation.pitch, variation.word_gap
        )
        samples, starts = espeak.speak(passage.text, voice)
        words += _spans(passage, samples, starts, sum(map(len, parts)) / espeak.RATE)
        parts.append(samples)
    parts.append(_silence(variation.tail if passages else 0))
    return np.concatenate(parts), words


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * espeak.RATE), np.int16)


def _spans(
    passage: Passage, samples: Samples, starts: list[espeak.WordStart], offset: float
) -> list[SpokenSpan]:
    """Return the times of the words: each ends where the next one starts, or in silence before."""
    loud = np.flatnonzero(np.abs(samples, dtype=np.float32) > _QUIET * np.abs(samples).max())
    ends = [*(after.sample for _, after in pairwise(starts)), len(samples)]
    spans = []
    for word, limit in zip(starts, ends, strict=True):
        last = int(np.searchsorted(loud, limit)) - 1
        end = min(int(loud[last]) + 1, limit) if last >= 0 else limit
        position = passage.positions[min(word.position, len(passage.positions) - 1)]
        start = word.sample / espeak.RATE
        spans.append(SpokenSpan(position, offset + start, offset + max(start, end / espeak.RATE)))
    return spans
