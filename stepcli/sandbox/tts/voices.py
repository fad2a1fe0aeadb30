"""The official voices by site and model (PROTOCOL.md §5), and imitation of a sample's pitch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepcli.sandbox.options import VoiceSite
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
    scene: str = ""


def _voice(variant: str, pitch: int, name: str, scene: str = "") -> SystemVoice:
    sex = "女声" if variant.startswith("f") else "男声"
    return SystemVoice(Speaker(variant, pitch), name, f"{sex}，{name or '英文'}", scene)


MAINLAND_VOICES = {
    "lively-girl": _voice("f2", 50, "", "日常对话"),
    "vibrant-youth": _voice("m7", 50, "", "教育"),
    "soft-spoken-gentleman": _voice("m4", 50, "", "客服"),
    "magnetic-voiced-male": _voice("m2", 40, "", "广告旁白"),
    "energeticconfident-female": _voice("f3", 60, ""),
    "yingwennansheng": _voice("m1", 50, "英文男声"),
    "yingwennvsheng": _voice("f3", 50, "英文女声"),
    "zixinnansheng": _voice("m5", 50, "自信男声", "新闻播报"),
    "elegantgentle-female": _voice("f1", 50, "气质温婉", "有声阅读"),
    "livelybreezy-female": _voice("f4", 50, "活力轻快", "短视频配音"),
    "wenrounansheng": _voice("m3", 50, "温柔男声"),
    "wenrougongzi": _voice("m3", 60, "温柔公子"),
    "yuanqinansheng": _voice("m1", 65, "元气男声"),
    "jingdiannvsheng": _voice("f1", 42, "经典女声"),
    "wenroushunv": _voice("f1", 35, "温柔熟女"),
    "tianmeinvsheng": _voice("f2", 62, "甜美女声"),
    "qingchunshaonv": _voice("f2", 72, "清纯少女"),
    "cixingnansheng": _voice("m8", 50, "磁性男声", "有声阅读"),
    "yuanqishaonv": _voice("f4", 70, "元气少女"),
    "linjiajiejie": _voice("f4", 40, "邻家姐姐", "日常对话"),
    "zhengpaiqingnian": _voice("m2", 55, "正派青年"),
    "qingniandaxuesheng": _voice("m7", 62, "青年大学生"),
    "boyinnansheng": _voice("m5", 38, "播音男声"),
    "ruyananshi": _voice("m4", 38, "儒雅男士"),
    "shenchennanyin": _voice("m8", 35, "深沉男音"),
    "qinqienvsheng": _voice("f3", 42, "亲切女声"),
    "wenrounvsheng": _voice("f2", 35, "温柔女声", "情感电台"),
    "jilingshaonv": _voice("f4", 80, "机灵少女"),
    "ruanmengnvsheng": _voice("f2", 82, "软萌女声"),
    "youyanvsheng": _voice("f1", 58, "优雅女声"),
    "lengyanyujie": _voice("f5", 38, "冷艳御姐"),
    "shuangkuaijiejie": _voice("f5", 55, "爽快姐姐"),
    "wenjingxuejie": _voice("f5", 46, "文静学姐"),
    "linjiameimei": _voice("f4", 62, "邻家妹妹"),
    "zhixingjiejie": _voice("f3", 35, "知性姐姐"),
    "shuangkuainansheng": _voice("m6", 50, "爽快男声"),
    "ganliannvsheng": _voice("f5", 64, "干练女声"),
    "qinhenvsheng": _voice("f5", 72, "亲和女声"),
    "huolinvsheng": _voice("f3", 70, "活力女声"),
}
_INTERNATIONAL = (
    "elegantgentle-female",
    "lively-girl",
    "livelybreezy-female",
    "magnetic-voiced-male",
    "soft-spoken-gentleman",
    "vibrant-youth",
    "zixinnansheng",
)
SITES = {
    VoiceSite.AI: {id: MAINLAND_VOICES[id] for id in _INTERNATIONAL},
    VoiceSite.COM: MAINLAND_VOICES,
}
"""The official voices of the international and the mainland site."""

STOCK_SPEAKER = MAINLAND_VOICES["lively-girl"].speaker

WITHOUT_MINI = {
    "lively-girl",
    "vibrant-youth",
    "soft-spoken-gentleman",
    "magnetic-voiced-male",
    "zixinnansheng",
    "shuangkuainansheng",
    "ganliannvsheng",
    "qinhenvsheng",
    "huolinvsheng",
}
"""The voices that ``step-tts-mini`` does not have."""

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
