"""The level of speech."""

from __future__ import annotations

import numpy as np
import pytest

from stepcli.audio.loudness import amplified, largest_gain, speech_power
from stepcli.audio_types import PCM

RATE = PCM(8000)


def tone(amplitude: float, seconds: float) -> bytes:
    times = np.arange(round(seconds * RATE.rate)) / RATE.rate
    return (amplitude * np.sin(2 * np.pi * 200 * times)).astype("<i2").tobytes()


def test_power_is_that_of_speech_without_pauses() -> None:
    power, seconds = speech_power(tone(10_000, 2.0) + bytes(2 * 8000) + tone(500, 1.0), RATE)
    assert power == pytest.approx(10_000**2 / 2, rel=0.01)
    assert seconds == pytest.approx(2.0)


@pytest.mark.parametrize("samples", [b"", b"\0\0", bytes(16_000)])
def test_silence_has_no_power(samples: bytes) -> None:
    assert speech_power(samples, RATE)[0] == 0.0


def test_amplified_samples_are_limited_to_16_bits() -> None:
    samples = np.array([0, 100, -100, 20_000, -20_000], "<i2").tobytes()
    assert np.frombuffer(amplified(samples, 2.0), "<i2").tolist() == [0, 200, -200, 32767, -32768]
    assert amplified(samples, 1.0) == samples


@pytest.mark.parametrize("peak", [1, 1000, 32767, -32768])
def test_largest_gain_reaches_the_full_range(peak: int) -> None:
    samples = np.array([0, peak], "<i2").tobytes()
    loudest = np.abs(np.frombuffer(amplified(samples, largest_gain(samples)), "<i2").astype(int))
    assert loudest.max() == 32767
    assert largest_gain(bytes(2)) == 1.0
