"""Pauses, levels and the mix of channels."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from stepcli.audio.signal import (
    SILENCE_LEVEL,
    amplified,
    find_quietest,
    largest_gain,
    mix_to_mono,
    peak_level,
    speech_power,
)
from stepcli.audio_types import PCM
from tests.support.recordings import RATE, noise, silence

MONO = PCM(RATE)


def test_middle_of_the_only_pause_is_found() -> None:
    found = find_quietest(noise(3) + silence(0.6) + noise(2), MONO)
    assert found.is_pause
    assert found.frame / RATE == pytest.approx(3.3, abs=0.1)


def test_last_of_equal_pauses_is_found() -> None:
    """The one nearest the limit makes the longest segment."""
    found = find_quietest(noise(1) + silence(0.6) + noise(2) + silence(0.6) + noise(1), MONO)
    assert found.frame / RATE == pytest.approx(3.9, abs=0.1)


def test_silence_is_preferred_to_a_hum() -> None:
    found = find_quietest(noise(1) + silence(0.6) + noise(1) + noise(1, 300) + noise(1), MONO)
    assert found.frame / RATE == pytest.approx(1.3, abs=0.1)


def test_steady_noise_has_no_pause() -> None:
    """Nor does the gap between two syllables make one."""
    assert not find_quietest(noise(5), MONO).is_pause
    assert not find_quietest(noise(2) + silence(0.1) + noise(2), MONO).is_pause


def test_silence_is_a_pause() -> None:
    assert find_quietest(silence(5), MONO).is_pause


def test_sound_in_one_channel_is_no_pause() -> None:
    """Places are counted in frames, not in samples."""
    left_only = b"".join(noise(1)[i : i + 2] + b"\0\0" for i in range(0, 2 * RATE, 2))
    found = find_quietest(left_only + silence(0.6) + silence(0.6) + left_only, PCM(RATE, 2))
    assert found.is_pause
    assert found.frame / RATE == pytest.approx(1.3, abs=0.1)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("every", range(2, 13))
def test_tone_of_any_pitch_is_no_pause(every: int, channels: int) -> None:
    """Also one that has a sample of zero at every so many samples, and all others beside it."""
    pitch = RATE / every / 2
    time = np.arange(2 * RATE) / RATE
    tone = np.round(8000 * np.sin(2 * np.pi * pitch * time + (0.5 if every == 2 else 0)))
    frames = tone.astype("<i2").repeat(channels).tobytes()
    loud = np.random.default_rng(1).integers(-8000, 8000, 2 * RATE * channels).astype("<i2")
    assert not find_quietest(loud.tobytes() + frames, PCM(RATE, channels)).is_pause


@pytest.mark.parametrize(("peak", "level"), [(32768, 0.0), (3277, -20.0), (1, SILENCE_LEVEL)])
def test_level_is_that_of_the_loudest_sample(peak: int, level: float) -> None:
    assert peak_level(struct.pack("<3h", 0, -peak, 0)) == pytest.approx(level, abs=0.01)


@pytest.mark.parametrize("block", [b"", bytes(100)])
def test_level_of_silence_is_the_lowest(block: bytes) -> None:
    assert peak_level(block) == SILENCE_LEVEL


def _stereo(
    left: list[float], right: list[float]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([left, right], dtype=float).T


def test_inverse_channels_are_subtracted() -> None:
    assert mix_to_mono(_stereo([0.5, -0.25], [-0.5, 0.25])).tolist() == [0.5, -0.25]


def test_inverse_channels_of_integers_do_not_overflow() -> None:
    frames = np.array([[32767, -32768], [-32768, 32767]], dtype="<i2")
    assert mix_to_mono(frames).tolist() == [32767.5, -32767.5]


@pytest.mark.parametrize("right", [[0.5, -0.25], [0.0, 0.0], [0.1, 0.5]])
def test_other_channels_are_averaged(right: list[float]) -> None:
    mixed = mix_to_mono(_stereo([0.5, -0.25], right))
    assert mixed.tolist() == pytest.approx([(0.5 + right[0]) / 2, (right[1] - 0.25) / 2])


def test_any_number_of_channels_is_averaged() -> None:
    assert mix_to_mono(np.array([[1.0, 0.0, 0.5], [0.0, 0.0, 0.3]])).tolist() == pytest.approx(
        [0.5, 0.1]
    )


PCM_8K = PCM(8000)


def tone(amplitude: float, seconds: float) -> bytes:
    times = np.arange(round(seconds * PCM_8K.rate)) / PCM_8K.rate
    return (amplitude * np.sin(2 * np.pi * 200 * times)).astype("<i2").tobytes()


def test_power_is_that_of_speech_without_pauses() -> None:
    power, seconds = speech_power(tone(10_000, 2.0) + bytes(2 * 8000) + tone(500, 1.0), PCM_8K)
    assert power == pytest.approx(10_000**2 / 2, rel=0.01)
    assert seconds == pytest.approx(2.0)


@pytest.mark.parametrize("samples", [b"", b"\0\0", bytes(16_000)])
def test_silence_has_no_power(samples: bytes) -> None:
    assert speech_power(samples, PCM_8K)[0] == 0.0


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
