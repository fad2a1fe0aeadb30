"""One text in one voice: the same samples each time, and where the words start."""

from __future__ import annotations

import numpy as np
import pytest

from stepcli.sandbox.tts.espeak import RATE, EspeakVoice, speak

VOICE = EspeakVoice("en-us+f2")


def test_same_text_has_the_same_samples() -> None:
    first, second = (speak("Hello there", VOICE) for _ in range(2))
    assert first[0].any()
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]


def test_words_start_at_their_character_and_sound() -> None:
    """Positions count characters, not bytes."""
    samples, words = speak("Café, people talk", VOICE)
    assert [word.position for word in words] == [0, 6, 13]
    starts = [word.sample for word in words]
    assert starts == sorted(starts)
    for start in starts:
        assert np.abs(samples[start : start + RATE // 20]).max() > 500


@pytest.mark.parametrize(
    "changed",
    [
        EspeakVoice("en-us+f2", words_per_minute=300),
        EspeakVoice("en-us+f2", pitch=90),
        EspeakVoice("en-us+f2", word_gap=30),
    ],
    ids=["speed", "pitch", "word_gap"],
)
def test_each_setting_changes_the_sound(changed: EspeakVoice) -> None:
    assert not np.array_equal(speak("Hello there", VOICE)[0], speak("Hello there", changed)[0])


def test_text_without_words_is_silent() -> None:
    assert speak("", VOICE)[1] == []


def test_unknown_voice_is_an_error() -> None:
    with pytest.raises(ValueError, match="no voice nonsense"):
        speak("Hello", EspeakVoice("nonsense"))
