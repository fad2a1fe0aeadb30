"""From a text to the samples of one speaker saying it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import soxr
from numpy.typing import NDArray

from stepcli.sandbox.voice import espeak
from stepcli.sandbox.voice.reading import Passage, read_aloud
from stepcli.sandbox.voice.voices import Voice

Pcm = NDArray[np.int16]
"""Mono samples, signed 16 bit."""

_HEADROOM = 0.5  # so that a volume of 2 is not clipped
_SILENCE = 0.2  # seconds for a text with nothing to speak


@dataclass(frozen=True)
class Delivery:
    """Who speaks, and how: what a request says beside its text."""

    voice: Voice
    rate: int = 24000
    speed: float = 1.0
    volume: float = 1.0
    directions: bool = True
    markdown: bool = False
    pronunciations: Mapping[str, str] = field(default_factory=dict)


def synthesise(text: str, delivery: Delivery) -> Pcm:
    """Mono samples at ``delivery.rate``; the same request gives the same ones every time."""
    passages = read_aloud(
        text,
        directions=delivery.directions,
        markdown=delivery.markdown,
        pronunciations=delivery.pronunciations,
    )
    spoken = [_say(passage, delivery) for passage in passages]
    if not any(map(len, spoken)):
        return np.zeros(int(_SILENCE * delivery.rate), np.int16)
    resampled = soxr.resample(np.concatenate(spoken), espeak.RATE, delivery.rate)
    louder = resampled.astype(np.float32) * (_HEADROOM * delivery.volume)
    pcm: Pcm = np.clip(np.rint(louder), -32768, 32767).astype(np.int16)
    return pcm


def _say(passage: Passage, delivery: Delivery) -> Pcm:
    return espeak.speak(passage.text, delivery.voice.manner(passage.language, delivery.speed))
