"""The official voices, and the imitation of a sample's pitch."""

from __future__ import annotations

import numpy as np
import pytest

from stepcli.sandbox.options import VoiceSite
from stepcli.sandbox.tts.espeak import EspeakVoice
from stepcli.sandbox.tts.voices import (
    MAINLAND_VOICES,
    SITES,
    WITHOUT_MINI,
    Speaker,
    fundamental_frequency,
    imitate,
)

RATE = 16000


def _tone(frequency: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Return a second with harmonics, as a vowel has them."""
    time = np.arange(RATE) / RATE
    parts = np.array([[1], [2], [3]])
    wave = (np.sin(2 * np.pi * frequency * parts * time) / parts).sum(axis=0)
    return np.asarray(8000 * wave, np.int16)


def test_mainland_site_has_the_voices_of_the_other() -> None:
    assert SITES[VoiceSite.AI].keys() < SITES[VoiceSite.COM].keys()
    assert SITES[VoiceSite.COM].keys() > WITHOUT_MINI
    assert len({voice.speaker for voice in MAINLAND_VOICES.values()}) == len(MAINLAND_VOICES)


@pytest.mark.parametrize("frequency", [70, 110, 200, 330])
def test_frequency_of_a_vowel_is_measured(frequency: float) -> None:
    assert fundamental_frequency(_tone(frequency), RATE) == pytest.approx(frequency, rel=0.03)


def test_sound_without_a_vowel_has_a_middle_frequency() -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, RATE).astype(np.int16)
    assert fundamental_frequency(noise, RATE) == 150.0
    assert fundamental_frequency(np.zeros(RATE, np.int16), RATE) == 150.0


@pytest.mark.parametrize(
    ("frequency", "speaker"),
    [
        (74, Speaker("m3", 0)),
        (105, Speaker("m3", 50)),
        (195, Speaker("f2", 50)),
        (900, Speaker("f2", 99)),
    ],
)
def test_nearest_speaker_imitates_a_sample(frequency: float, speaker: Speaker) -> None:
    assert imitate(frequency) == speaker


def test_speaker_is_spoken_within_the_limits_of_the_engine() -> None:
    voice = Speaker("f2", 90).espeak_voice("cmn", 0.5, pitch_offset=20, word_gap=3)
    assert voice == EspeakVoice("cmn+f2", words_per_minute=80, pitch=99, word_gap=3)
    assert Speaker("f2").espeak_voice("cmn", 2.0).words_per_minute == 300
