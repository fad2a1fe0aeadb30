"""From a text to the samples of one speaker saying it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import soxr
from numpy.typing import NDArray

from stepcli.sandbox.tts import espeak
from stepcli.sandbox.tts.espeak import Manner
from stepcli.sandbox.tts.spoken_text import Passage, read_aloud

_WINDOW = 0.04  # seconds; two periods of the lowest voice
_LOWEST, _HIGHEST = 60, 400  # Hz
_UNVOICED = 0.4  # a weaker echo of itself than this is no vowel


def fundamental(sound: NDArray[np.int16], rate: int) -> float:
    """The median fundamental frequency in Hz of mono speech, 150 if nothing in it has any."""
    size = int(_WINDOW * rate)
    samples = sound.astype(np.float32)
    loud = np.abs(samples).max(initial=0.0) * 0.2
    windows = (samples[at : at + size] for at in range(0, len(samples) - size, size // 2))
    heights = [_height(window, rate) for window in windows if np.abs(window).max() > loud]
    voiced = [height for height in heights if height is not None]
    return float(np.median(voiced)) if voiced else 150.0


def _height(window: NDArray[np.float32], rate: int) -> float | None:
    """The frequency at which a window repeats itself, by autocorrelation."""
    size = len(window)
    spectrum = np.fft.rfft(window - window.mean(), 2 * size)
    echo = np.fft.irfft(np.abs(spectrum) ** 2)[:size]
    shortest = rate // _HIGHEST
    period = shortest + int(np.argmax(echo[shortest : rate // _LOWEST]))
    return rate / period if echo[period] > _UNVOICED * echo[0] else None


@dataclass(frozen=True)
class Voice:
    """A speaker in every language: a variant of espeak-ng's voices, at a pitch from 0 to 99."""

    variant: str
    pitch: int = 50

    def manner(self, language: str, speed: float) -> Manner:
        """This voice in a language, at a multiple of its own pace.

        espeak-ng goes no slower than 80 words a minute, which is as near as it comes to half pace.
        """
        words = max(80, round(150 * speed))
        return Manner(f"{language}+{self.variant}", words_per_minute=words, pitch=self.pitch)


@dataclass(frozen=True)
class Official:
    """A voice of the service and how its list describes it, in Chinese as the service does."""

    voice: Voice
    name: str
    description: str
    scene: str


OFFICIAL = {
    "elegantgentle-female": Official(Voice("f1"), "气质温婉", "优雅温柔的女声", "有声阅读"),
    "lively-girl": Official(Voice("f2"), "活力少女", "活泼明快的少女声", "日常对话"),
    "livelybreezy-female": Official(Voice("f4"), "活泼轻快", "轻快爽朗的女声", "短视频配音"),
    "magnetic-voiced-male": Official(Voice("m2", 40), "磁性男声", "低沉有磁性的男声", "广告旁白"),
    "soft-spoken-gentleman": Official(Voice("m4"), "温和绅士", "温和从容的男声", "客服"),
    "vibrant-youth": Official(Voice("m7"), "阳光青年", "朝气蓬勃的青年声", "教育"),
    "zixinnansheng": Official(Voice("m5"), "自信男声", "自信有力的男声", "新闻播报"),
    "cixingnansheng": Official(Voice("m8"), "磁性男声", "富有磁性的成熟男声", "有声阅读"),
    "wenrounvsheng": Official(Voice("f2", 35), "温柔女声", "温柔亲切的女声", "情感电台"),
    "linjiajiejie": Official(Voice("f4", 40), "邻家姐姐", "亲切自然的姐姐声", "日常对话"),
}

_PITCHES = (0, 25, 50, 75, 99)
_LOW = ("m3", (74, 86, 105, 134, 174))
_HIGH = ("f2", (130, 158, 195, 251, 324))
"""The fundamental frequency in Hz that each variant has at those pitches, as measured."""


def voice_like(fundamental: float) -> Voice:
    """The voice whose fundamental frequency comes nearest to ``fundamental`` Hz."""
    variant, heights = _LOW if fundamental < 150 else _HIGH
    return Voice(variant, round(float(np.interp(fundamental, heights, _PITCHES))))


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
