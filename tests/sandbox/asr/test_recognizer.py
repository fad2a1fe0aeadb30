"""Splitting of long audio at pauses, and times of recognized words."""

from __future__ import annotations

import numpy as np
import pytest

from stepcli.sandbox.asr.recognizer import Samples, split_at_pauses, spread_words

RATE = 8000


def noise(seconds: float, seed: int = 0) -> Samples:
    """Return audio that is loud throughout."""
    return np.random.default_rng(seed).integers(1000, 5000, int(seconds * RATE)).astype(np.int16)


def silence(seconds: float) -> Samples:
    """Return digital silence."""
    return np.zeros(int(seconds * RATE), np.int16)


def test_silence_and_empty_audio_have_no_segments() -> None:
    assert list(split_at_pauses(silence(3), RATE)) == []
    assert list(split_at_pauses(silence(0), RATE)) == []


def test_only_pauses_over_a_second_split() -> None:
    """The pause belongs to neither segment."""
    sound = np.concatenate((noise(1), silence(0.5), noise(1), silence(3), noise(2)))
    first, second = split_at_pauses(sound, RATE)
    assert [first.start, second.start] == pytest.approx([0, 5.5])
    assert [len(first.samples) / RATE, len(second.samples) / RATE] == pytest.approx([2.5, 2])


def test_repeated_audio_gives_repeated_segments() -> None:
    """So that the recognizer's cache applies."""
    reading = np.concatenate((noise(40, seed=1), silence(1.5)))
    sound = np.concatenate((silence(0.3), reading, silence(0.0123), reading, reading))
    found = [segment.samples.tobytes() for segment in split_at_pauses(sound, RATE)]
    assert len(found) % 3 == 0
    third = len(found) // 3
    assert found[:third] == found[third : 2 * third] == found[2 * third :]


def test_continuous_audio_is_split_where_it_is_quietest() -> None:
    """No segment is longer than 30 s, and no sample is lost."""
    sound = np.concatenate((noise(22), noise(0.1) // 10, noise(23)))
    first, second = split_at_pauses(sound, RATE)
    assert first.start + len(first.samples) / RATE == second.start == pytest.approx(22.05, abs=0.06)
    assert (np.concatenate((first.samples, second.samples)) == sound).all()


def test_words_share_the_time_of_their_line_by_length() -> None:
    """In order and without gaps."""
    one, other = spread_words("a longest", 2.0, 1.0)
    assert (one.text, one.start, other.end) == ("a", 2.0, 3.0)
    assert one.end == other.start == pytest.approx(2.2)
    assert spread_words("", 0, 1) == []
