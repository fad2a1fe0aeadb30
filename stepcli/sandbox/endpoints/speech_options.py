"""The audio options that speech, previews and realtime sessions share (PROTOCOL.md §3 to §5)."""

from __future__ import annotations

from dataclasses import dataclass

from stepcli.sandbox.http.errors import ServiceError
from stepcli.sandbox.http.validation import (
    boolean,
    choice,
    nested,
    optional,
    required,
    string,
    strings,
)
from stepcli.sandbox.models import ServiceModel, check_instruction
from stepcli.sandbox.tts.encoding import MEDIA_TYPES, encodable_rate
from stepcli.sandbox.tts.synthesis import SynthesisSettings
from stepcli.sandbox.tts.voices import Speaker

SAMPLE_RATES = (8000, 16000, 22050, 24000, 48000)


@dataclass(frozen=True)
class PronunciationMap:
    """``{"tone": ["written/spoken", …]}``."""

    tone: tuple[str, ...] = required(strings())

    def pairs(self) -> dict[str, str]:
        """Return the spoken form of each written form; raise ServiceError if one is invalid."""
        return dict(self._pair(index, entry) for index, entry in enumerate(self.tone))

    def _pair(self, index: int, entry: str) -> tuple[str, str]:
        written, _, spoken = entry.partition("/")
        if not (written and spoken):
            name = f"pronunciation_map.tone[{index}]"
            raise ServiceError(f"{name} must be two texts joined by /", param=name)
        return written, spoken


@dataclass(frozen=True)
class VoiceLabel:
    """The manner of speaking of the older models: exactly one of three fields."""

    language: str | None = optional(string())
    emotion: str | None = optional(string())
    style: str | None = optional(string())


@dataclass(frozen=True, kw_only=True)
class AudioOptions:
    """The fields that have the same name in all three requests."""

    response_format: str = optional(choice(*MEDIA_TYPES), "mp3")
    sample_rate: int = optional(choice(*SAMPLE_RATES), 24000)
    instruction: str | None = optional(string())
    pronunciation_map: PronunciationMap | None = optional(nested(PronunciationMap))
    markdown_filter: bool = optional(boolean(), False)
    text_normalization: str = optional(choice("standard", "enhanced"), "standard")

    def synthesis_settings(
        self, model: ServiceModel, speaker: Speaker, format: str, *, speed: float, volume: float
    ) -> SynthesisSettings:
        """Return the settings for audio in ``format``; raise ServiceError if not supported."""
        check_instruction(model, self.instruction)
        return SynthesisSettings(
            speaker=speaker,
            rate=encodable_rate(format, self.sample_rate),
            speed=speed,
            volume=volume,
            directions=bool(model.max_instruction),
            markdown=self.markdown_filter,
            pronunciations=self.pronunciation_map.pairs() if self.pronunciation_map else {},
            enhanced=self.text_normalization == "enhanced",
        )


def check_label(model: ServiceModel, label: VoiceLabel | None) -> None:
    """Raise ServiceError if ``model`` does not support labels, or ``label`` is not exactly one."""
    if label is None:
        return
    if not model.accepts_labels:
        raise ServiceError("voice_label is not supported for v2 models", param="voice_label")
    if [label.language, label.emotion, label.style].count(None) != 2:
        message = "voice_label requires exactly one of language, emotion, style"
        raise ServiceError(message, param="voice_label")
