"""Where a sound is quietest."""

from __future__ import annotations

import pytest

from stepcli.audio.signal import find_quietest
from stepcli.audio_types import PCM
from tests.support.recordings import RATE, noise, silence

MONO = PCM(RATE)


def test_finds_the_pause() -> None:
    """The middle of the only silence, to a tenth of a second."""
    found = find_quietest(noise(3) + silence(0.6) + noise(2), MONO)
    assert found.is_pause
    assert found.frame / RATE == pytest.approx(3.3, abs=0.1)


def test_prefers_the_last() -> None:
    """Of equal pauses the one nearest the limit makes the longest piece."""
    found = find_quietest(noise(1) + silence(0.6) + noise(2) + silence(0.6) + noise(1), MONO)
    assert found.frame / RATE == pytest.approx(3.9, abs=0.1)


def test_quieter_wins() -> None:
    """A hum is a worse place than silence."""
    found = find_quietest(noise(1) + silence(0.6) + noise(1) + noise(1, 300) + noise(1), MONO)
    assert found.frame / RATE == pytest.approx(1.3, abs=0.1)


def test_no_pause() -> None:
    """Even noise has no pause; nor does the gap between two syllables make one."""
    assert not find_quietest(noise(5), MONO).is_pause
    assert not find_quietest(noise(2) + silence(0.1) + noise(2), MONO).is_pause


def test_silence_is_a_pause() -> None:
    assert find_quietest(silence(5), MONO).is_pause


def test_stereo() -> None:
    """Sound in one channel only is heard, and places are counted in frames."""
    left_only = b"".join(noise(1)[i : i + 2] + b"\0\0" for i in range(0, 2 * RATE, 2))
    found = find_quietest(left_only + silence(0.6) + silence(0.6) + left_only, PCM(RATE, 2))
    assert found.is_pause
    assert found.frame / RATE == pytest.approx(1.3, abs=0.1)
