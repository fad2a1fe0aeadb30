"""What the documented models allow. Data, not code: a model not listed here has no local limits."""

from __future__ import annotations

from dataclasses import dataclass

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
