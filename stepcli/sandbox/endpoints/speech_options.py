"""What speech, previews and realtime sessions all let one choose about the sound."""

from __future__ import annotations

from dataclasses import dataclass

from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.validation import choice, flag, optional, record, required, text, texts
from stepcli.sandbox.models import Model, check_instruction
from stepcli.sandbox.tts.encoding import MEDIA_TYPES, rate_in
from stepcli.sandbox.tts.synthesis import Delivery, Voice

SAMPLE_RATES = (8000, 16000, 22050, 24000, 48000)


@dataclass(frozen=True)
class Pronunciations:
    """``{"tone": ["written/spoken", …]}``."""

    tone: tuple[str, ...] = required(texts())

    def pairs(self) -> dict[str, str]:
        """What is written to what is spoken for it."""
        return dict(self._pair(index, entry) for index, entry in enumerate(self.tone))

    def _pair(self, index: int, entry: str) -> tuple[str, str]:
        written, _, spoken = entry.partition("/")
        if not (written and spoken):
            name = f"pronunciation_map.tone[{index}]"
            raise Refusal(f"{name} must be two texts joined by /", param=name)
        return written, spoken


@dataclass(frozen=True)
class VoiceLabel:
    """How a voice of the older models is to sound: exactly one of the three."""

    language: str | None = optional(text())
    emotion: str | None = optional(text())
    style: str | None = optional(text())


@dataclass(frozen=True, kw_only=True)
class Sounding:
    """The fields that go by the same name everywhere (protocol.md §3 to §5)."""

    response_format: str = optional(choice(*MEDIA_TYPES), "mp3")
    sample_rate: int = optional(choice(*SAMPLE_RATES), 24000)
    instruction: str | None = optional(text())
    pronunciation_map: Pronunciations | None = optional(record(Pronunciations))
    markdown_filter: bool = optional(flag(), False)

    def delivery(
        self, model: Model, voice: Voice, format: str, *, speed: float, volume: float
    ) -> Delivery:
        """How a text is to be spoken for ``format``, if the model takes such an instruction."""
        check_instruction(model, self.instruction)
        return Delivery(
            voice=voice,
            rate=rate_in(format, self.sample_rate),
            speed=speed,
            volume=volume,
            directions=bool(model.instruction),
            markdown=self.markdown_filter,
            pronunciations=self.pronunciation_map.pairs() if self.pronunciation_map else {},
        )


def check_label(model: Model, label: VoiceLabel | None) -> None:
    """Refuse ``voice_label`` where it is unknown, or says more or less than one thing."""
    if label is None:
        return
    if not model.labels:
        raise Refusal("voice_label is not supported for v2 models", param="voice_label")
    if [label.language, label.emotion, label.style].count(None) != 2:
        complaint = "voice_label takes exactly one of language, emotion, style"
        raise Refusal(complaint, param="voice_label")
