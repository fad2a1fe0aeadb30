"""The official voices (PROTOCOL.md §5), and imitation of a sample's pitch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepcli.sandbox.tts.espeak import EspeakVoice


@dataclass(frozen=True)
class Speaker:
    """A speaker in any language: a variant of espeak-ng's voices at a pitch of 0 to 99."""

    variant: str
    pitch: int = 50

    def espeak_voice(
        self, language: str, speed: float, pitch_offset: int = 0, word_gap: int = 0
    ) -> EspeakVoice:
        """Return this speaker in ``language`` at a multiple of the normal speed.

        espeak-ng speaks no slower than 80 words a minute, slightly above half speed.
        """
        words = max(80, round(150 * speed))
        return EspeakVoice(
            f"{language}+{self.variant}",
            words_per_minute=words,
            pitch=min(max(0, self.pitch + pitch_offset), 99),
            word_gap=word_gap,
        )


@dataclass(frozen=True)
class SystemVoice:
    """An official voice and its Chinese description in the service's list."""

    speaker: Speaker
    name: str
    description: str
    scene: str


SYSTEM_VOICES = {
    "elegantgentle-female": SystemVoice(Speaker("f1"), "气质温婉", "优雅温柔的女声", "有声阅读"),
    "lively-girl": SystemVoice(Speaker("f2"), "活力少女", "活泼明快的少女声", "日常对话"),
    "livelybreezy-female": SystemVoice(Speaker("f4"), "活泼轻快", "轻快爽朗的女声", "短视频配音"),
    "magnetic-voiced-male": SystemVoice(
        Speaker("m2", 40), "磁性男声", "低沉有磁性的男声", "广告旁白"
    ),
    "soft-spoken-gentleman": SystemVoice(Speaker("m4"), "温和绅士", "温和从容的男声", "客服"),
    "vibrant-youth": SystemVoice(Speaker("m7"), "阳光青年", "朝气蓬勃的青年声", "教育"),
    "zixinnansheng": SystemVoice(Speaker("m5"), "自信男声", "自信有力的男声", "新闻播报"),
    "cixingnansheng": SystemVoice(Speaker("m8"), "磁性男声", "富有磁性的成熟男声", "有声阅读"),
    "wenrounvsheng": SystemVoice(Speaker("f2", 35), "温柔女声", "温柔亲切的女声", "情感电台"),
    "linjiajiejie": SystemVoice(Speaker("f4", 40), "邻家姐姐", "亲切自然的姐姐声", "日常对话"),
}

_PITCHES = (0, 25, 50, 75, 99)
_LOW = ("m3", (74, 86, 105, 134, 174))
_HIGH = ("f2", (130, 158, 195, 251, 324))
"""A variant and its measured fundamental frequency in Hz at each of ``_PITCHES``."""

_WINDOW = 0.04  # seconds; two periods of the lowest voice
_LOWEST, _HIGHEST = 60, 400  # Hz
_VOICED = 0.4  # minimum normalized autocorrelation of a vowel


def imitate(fundamental: float) -> Speaker:
    """Return the speaker whose fundamental frequency is nearest to ``fundamental`` Hz."""
    variant, frequencies = _LOW if fundamental < 150 else _HIGH
    return Speaker(variant, round(float(np.interp(fundamental, frequencies, _PITCHES))))


def fundamental_frequency(samples: NDArray[np.int16], rate: int) -> float:
    """Return the median fundamental frequency of mono speech in Hz, or 150 if none is voiced."""
    size = int(_WINDOW * rate)
    signal = samples.astype(np.float32)
    loud = np.abs(signal).max(initial=0.0) * 0.2
    windows = (signal[at : at + size] for at in range(0, len(signal) - size, size // 2))
    found = [_window_frequency(window, rate) for window in windows if np.abs(window).max() > loud]
    voiced = [frequency for frequency in found if frequency is not None]
    return float(np.median(voiced)) if voiced else 150.0


def _window_frequency(window: NDArray[np.float32], rate: int) -> float | None:
    """Return the frequency at which a window repeats itself, by autocorrelation."""
    size = len(window)
    spectrum = np.fft.rfft(window - window.mean(), 2 * size)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:size]
    shortest = rate // _HIGHEST
    period = shortest + int(np.argmax(correlation[shortest : rate // _LOWEST]))
    return rate / period if correlation[period] > _VOICED * correlation[0] else None
