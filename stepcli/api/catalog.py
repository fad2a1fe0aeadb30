"""What the documented models allow. Data, not code: a model not listed here has no local limits."""

from __future__ import annotations

from dataclasses import dataclass

from stepcli.base_url import BaseURL

SPEECH_MODEL = "stepaudio-2.5-tts"
RECOGNITION_MODEL = "stepaudio-2.5-asr"
DEFAULT_VOICE = "lively-girl"


@dataclass(frozen=True, slots=True)
class SpeechLimits:
    """Limits of one speech model (protocol.md §3): characters, and closed ranges.

    ``streaming`` is whether it also speaks over the WebSocket (§4).
    """

    input: int = 1000
    instruction: int = 0
    speed: tuple[float, float] = (0.5, 2.0)
    volume: tuple[float, float] = (0.1, 2.0)
    sample_rates: tuple[int, ...] = (8000, 16000, 22050, 24000, 48000)
    streaming: bool = True


SPEECH_LIMITS = {
    SPEECH_MODEL: SpeechLimits(instruction=200),
    "stepaudio-3-tts": SpeechLimits(instruction=500, streaming=False),
    "step-tts-2": SpeechLimits(),
    "step-tts-mini": SpeechLimits(),
}


INTERNATIONAL = (
    "elegantgentle-female",
    "lively-girl",
    "livelybreezy-female",
    "magnetic-voiced-male",
    "soft-spoken-gentleman",
    "vibrant-youth",
    "zixinnansheng",
)
MAINLAND = ("cixingnansheng", "linjiajiejie", "lively-girl", "wenrounvsheng")

ENGLISH = {
    "boyinnansheng": "male broadcaster",
    "cixingnansheng": "man with a magnetic voice",
    "elegantgentle-female": "elegant, gentle woman",
    "jilingshaonv": "clever girl",
    "jingdiannvsheng": "classic female voice",
    "lengyanyujie": "cool, striking woman",
    "linjiajiejie": "big sister from next door",
    "linjiameimei": "little sister from next door",
    "lively-girl": "lively girl",
    "livelybreezy-female": "lively, breezy woman",
    "magnetic-voiced-male": "man with a magnetic voice",
    "qingchunshaonv": "innocent girl",
    "qingniandaxuesheng": "young male student",
    "qinqienvsheng": "warm, friendly woman",
    "ruanmengnvsheng": "soft, cute female voice",
    "ruyananshi": "cultured gentleman",
    "shenchennanyin": "deep male voice",
    "shuangkuaijiejie": "frank, outgoing big sister",
    "soft-spoken-gentleman": "soft-spoken gentleman",
    "tianmeinvsheng": "sweet female voice",
    "vibrant-youth": "vibrant young man",
    "wenjingxuejie": "quiet older student, female",
    "wenrounansheng": "gentle man",
    "wenrounvsheng": "gentle woman",
    "wenrougongzi": "gentle young nobleman",
    "wenroushunv": "gentle, mature woman",
    "youyanvsheng": "graceful woman",
    "yuanqinansheng": "energetic man",
    "yuanqishaonv": "energetic girl",
    "zhengpaiqingnian": "upright young man",
    "zhixingjiejie": "thoughtful big sister",
    "zixinnansheng": "confident man",
}


def built_in(base: BaseURL) -> tuple[str, ...]:
    """Return the ids of the official voices on the site of ``base``."""
    return MAINLAND if base.belongs_to("stepfun.com") else INTERNATIONAL
