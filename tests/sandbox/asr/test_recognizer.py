"""Cutting long sound where nobody speaks."""

from __future__ import annotations

import numpy as np
import pytest

from stepcli.sandbox.asr.recognizer import Sound, spread, stretches

RATE = 8000


def noise(seconds: float, seed: int = 0) -> Sound:
    """Sound that is loud throughout."""
    return np.random.default_rng(seed).integers(1000, 5000, int(seconds * RATE)).astype(np.int16)


def silence(seconds: float) -> Sound:
    """Digital silence."""
    return np.zeros(int(seconds * RATE), np.int16)


def test_silence_is_not_looked_at() -> None:
    """Neither are there stretches in nothing at all."""
    assert list(stretches(silence(3), RATE)) == []
    assert list(stretches(silence(0), RATE)) == []


def test_long_pauses_divide_and_short_ones_do_not() -> None:
    """A second and more of silence ends a stretch, and belongs to none."""
    sound = np.concatenate((noise(1), silence(0.5), noise(1), silence(3), noise(2)))
    first, second = stretches(sound, RATE)
    assert [first.start, second.start] == pytest.approx([0, 5.5])
    assert [len(first.sound) / RATE, len(second.sound) / RATE] == pytest.approx([2.5, 2])


def test_equal_recordings_are_equal_stretches_wherever_they_are() -> None:
    """So that what was recognised once need not be again."""
    reading = np.concatenate((noise(40, seed=1), silence(1.5)))
    sound = np.concatenate((silence(0.3), reading, silence(0.0123), reading, reading))
    found = [stretch.sound.tobytes() for stretch in stretches(sound, RATE)]
    assert len(found) % 3 == 0
    third = len(found) // 3
    assert found[:third] == found[third : 2 * third] == found[2 * third :]


def test_unbroken_sound_is_cut_at_its_quietest() -> None:
    """Nothing is longer than 30 s, nothing is lost, and the cut is in the quiet part."""
    sound = np.concatenate((noise(22), noise(0.1) // 10, noise(23)))
    first, second = stretches(sound, RATE)
    assert first.start + len(first.sound) / RATE == second.start == pytest.approx(22.05, abs=0.06)
    assert (np.concatenate((first.sound, second.sound)) == sound).all()


def test_words_share_the_time_of_their_line() -> None:
    """In order, without gaps, the longer word longer."""
    one, other = spread("a longest", 2.0, 1.0)
    assert (one.text, one.start, other.end) == ("a", 2.0, 3.0)
    assert one.end == other.start == pytest.approx(2.2)
    assert spread("", 0, 1) == []
