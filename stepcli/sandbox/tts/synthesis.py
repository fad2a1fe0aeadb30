"""Synthesize a text with the settings of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import soxr
from numpy.typing import NDArray

from stepcli.sandbox.tts import espeak
from stepcli.sandbox.tts.spoken_text import Passage, spoken_passages
from stepcli.sandbox.tts.voices import Speaker

Samples = NDArray[np.int16]
"""Mono samples, signed 16 bit."""

_HEADROOM = 0.5  # so that a volume of 2 does not clip
_SILENCE = 0.2  # seconds for a text without words


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


def synthesize(text: str, settings: SynthesisSettings) -> Samples:
    """Return ``text`` as mono samples at ``settings.rate``, the same ones every time."""
    passages = spoken_passages(
        text,
        directions=settings.directions,
        markdown=settings.markdown,
        pronunciations=settings.pronunciations,
    )
    parts = [_speak(passage, settings) for passage in passages]
    if not any(map(len, parts)):
        return np.zeros(int(_SILENCE * settings.rate), np.int16)
    resampled = soxr.resample(np.concatenate(parts), espeak.RATE, settings.rate)
    scaled = resampled.astype(np.float32) * (_HEADROOM * settings.volume)
    samples: Samples = np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)
    return samples


def _speak(passage: Passage, settings: SynthesisSettings) -> Samples:
    voice = settings.speaker.espeak_voice(passage.language, settings.speed)
    return espeak.speak(passage.text, voice)
