"""The service as documented: its sites, the limits of its models, and its official voices.

The sources are in PROTOCOL.md, sections 3 to 5. This is data, not code: a model or voice that is
missing here is passed through without local limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stepcli.base_url import BaseURL

SPEECH_MODEL = "stepaudio-2.5-tts"
RECOGNITION_MODEL = "stepaudio-2.5-asr"
DEFAULT_VOICE = "lively-girl"
ALTERNATIVE_VOICE = "zixinnansheng"
"""An official voice of both sites. Some accounts were seen to have only this one."""


@dataclass(frozen=True, slots=True)
class SpeechLimits:
    """Limits of one speech model: characters, and closed ranges.

    Without `cloned_voices` the service silently replaces a cloned voice with an official one. With
    `stage_directions` it follows text in parentheses and does not speak it.
    """

    input: int = 1000
    instruction: int = 0
    speed: tuple[float, float] = (0.5, 2.0)
    volume: tuple[float, float] = (0.1, 2.0)
    sample_rates: tuple[int, ...] = (8000, 16000, 22050, 24000, 48000)
    cloned_voices: bool = True
    stage_directions: bool = True


class TextNormalization(StrEnum):
    """How numbers, units and symbols are read: as usual, or in full, which takes longer."""

    STANDARD = "standard"
    ENHANCED = "enhanced"


SPEECH_LIMITS = {
    SPEECH_MODEL: SpeechLimits(instruction=200),
    "stepaudio-3-tts": SpeechLimits(instruction=500, cloned_voices=False),
    "step-tts-2": SpeechLimits(stage_directions=False),
    "step-tts-mini": SpeechLimits(stage_directions=False),
}


@dataclass(frozen=True, slots=True)
class Site:
    """One of the two sites of the service. They share neither accounts nor keys."""

    domain: str
    currency: str
    symbol: str

    @property
    def host(self) -> str:
        return f"api.{self.domain}"

    @property
    def platform(self) -> str:
        return f"https://platform.{self.domain}"

    @property
    def key_page(self) -> str:
        """The page on which API keys are created (PROTOCOL.md, section 1)."""
        return f"{self.platform}/interface-key"


INTERNATIONAL = Site("stepfun.ai", "USD", "$")
MAINLAND = Site("stepfun.com", "CNY", "¥")
SITES = (INTERNATIONAL, MAINLAND)


def site_of(base: BaseURL) -> Site:
    """Return the site that `base` belongs to.

    Any other host, such as the sandbox or a proxy, does not tell whose account pays. It counts as
    part of the international site, which is the default of --base-url.
    """
    return next((site for site in SITES if base.belongs_to(site.domain)), INTERNATIONAL)


_WITH_MINI = (SPEECH_MODEL, "step-tts-2", "step-tts-mini")
_NOT_MINI = (SPEECH_MODEL, "step-tts-2")
_CN = (MAINLAND,)


@dataclass(frozen=True, slots=True)
class CatalogVoice:
    """An official voice as documented. `chinese` is its name in the service, if it has one."""

    id: str
    sex: str
    language: str
    english: str
    chinese: str = ""
    sites: tuple[Site, ...] = _CN
    speech_models: tuple[str, ...] = _WITH_MINI

    def speaks_with(self, model: str) -> bool:
        """Return False only if it is documented that the voice does not speak with `model`."""
        return model not in _WITH_MINI or model in self.speech_models


_F, _M, _EN, _ZH = "female", "male", "en", "zh"

_VOICES = (
    CatalogVoice("lively-girl", _F, _EN, "lively girl", "", SITES, _NOT_MINI),
    CatalogVoice("vibrant-youth", _M, _EN, "vibrant young man", "", SITES, _NOT_MINI),
    CatalogVoice("soft-spoken-gentleman", _M, _EN, "soft-spoken gentleman", "", SITES, _NOT_MINI),
    CatalogVoice("magnetic-voiced-male", _M, _EN, "magnetic male voice", "", SITES, _NOT_MINI),
    CatalogVoice("energeticconfident-female", _F, _EN, "energetic, confident woman"),
    CatalogVoice("yingwennansheng", _M, _EN, "English-speaking man"),
    CatalogVoice("yingwennvsheng", _F, _EN, "English-speaking woman"),
    CatalogVoice("zixinnansheng", _M, _ZH, "confident man", "自信男声", SITES, _NOT_MINI),
    CatalogVoice("elegantgentle-female", _F, _ZH, "elegant, gentle woman", "气质温婉", SITES),
    CatalogVoice("livelybreezy-female", _F, _ZH, "lively, breezy woman", "活力轻快", SITES),
    CatalogVoice("wenrounansheng", _M, _ZH, "gentle man", "温柔男声"),
    CatalogVoice("wenrougongzi", _M, _ZH, "gentle young nobleman", "温柔公子"),
    CatalogVoice("yuanqinansheng", _M, _ZH, "energetic man", "元气男声"),
    CatalogVoice("jingdiannvsheng", _F, _ZH, "classic female voice", "经典女声"),
    CatalogVoice("wenroushunv", _F, _ZH, "gentle, mature woman", "温柔熟女"),
    CatalogVoice("tianmeinvsheng", _F, _ZH, "sweet female voice", "甜美女声"),
    CatalogVoice("qingchunshaonv", _F, _ZH, "innocent girl", "清纯少女"),
    CatalogVoice("cixingnansheng", _M, _ZH, "magnetic male voice", "磁性男声"),
    CatalogVoice("yuanqishaonv", _F, _ZH, "energetic girl", "元气少女"),
    CatalogVoice("linjiajiejie", _F, _ZH, "big sister from next door", "邻家姐姐"),
    CatalogVoice("zhengpaiqingnian", _M, _ZH, "upright young man", "正派青年"),
    CatalogVoice("qingniandaxuesheng", _M, _ZH, "young male student", "青年大学生"),
    CatalogVoice("boyinnansheng", _M, _ZH, "male broadcaster", "播音男声"),
    CatalogVoice("ruyananshi", _M, _ZH, "cultured gentleman", "儒雅男士"),
    CatalogVoice("shenchennanyin", _M, _ZH, "deep male voice", "深沉男音"),
    CatalogVoice("qinqienvsheng", _F, _ZH, "warm, friendly woman", "亲切女声"),
    CatalogVoice("wenrounvsheng", _F, _ZH, "gentle woman", "温柔女声"),
    CatalogVoice("jilingshaonv", _F, _ZH, "clever girl", "机灵少女"),
    CatalogVoice("ruanmengnvsheng", _F, _ZH, "soft, cute female voice", "软萌女声"),
    CatalogVoice("youyanvsheng", _F, _ZH, "graceful woman", "优雅女声"),
    CatalogVoice("lengyanyujie", _F, _ZH, "cool, striking woman", "冷艳御姐"),
    CatalogVoice("shuangkuaijiejie", _F, _ZH, "frank, outgoing big sister", "爽快姐姐"),
    CatalogVoice("wenjingxuejie", _F, _ZH, "quiet older student, female", "文静学姐"),
    CatalogVoice("linjiameimei", _F, _ZH, "little sister from next door", "邻家妹妹"),
    CatalogVoice("zhixingjiejie", _F, _ZH, "thoughtful big sister", "知性姐姐"),
    CatalogVoice("shuangkuainansheng", _M, _ZH, "frank, outgoing man", "爽快男声", _CN, _NOT_MINI),
    CatalogVoice("ganliannvsheng", _F, _ZH, "efficient, capable woman", "干练女声", _CN, _NOT_MINI),
    CatalogVoice("qinhenvsheng", _F, _ZH, "approachable woman", "亲和女声", _CN, _NOT_MINI),
    CatalogVoice("huolinvsheng", _F, _ZH, "spirited woman", "活力女声", _CN, _NOT_MINI),
)

VOICES = {voice.id: voice for voice in _VOICES}
"""The official voices by id, as documented in autumn 2026."""


CLONED_PREFIX = "voice-tone-"


def replaces_cloned_voices(model: str) -> bool:
    """Return whether `model` is known to speak with an official voice instead of a cloned one."""
    limits = SPEECH_LIMITS.get(model)
    return limits is not None and not limits.cloned_voices


def may_speak(voice_id: str, model: str) -> bool:
    """Return False only if the service is known not to speak in that voice with `model`."""
    if voice_id.startswith(CLONED_PREFIX):
        return not replaces_cloned_voices(model)
    return voice_id not in VOICES or VOICES[voice_id].speaks_with(model)


def voices_at(site: Site) -> tuple[CatalogVoice, ...]:
    """Return the official voices of `site`."""
    return tuple(voice for voice in _VOICES if site in voice.sites)
