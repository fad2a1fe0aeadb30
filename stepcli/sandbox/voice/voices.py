"""Who speaks: the official voices (protocol.md §5), and a voice from the pitch of a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stepcli.sandbox.voice.espeak import Manner


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
