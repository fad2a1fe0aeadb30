"""Conversion of samples to the rate and the channels of a device."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.audio.resampling import PCMConverter
from stepcli.audio_types import PCM


@given(st.binary(max_size=200), st.lists(st.integers(1, 7), min_size=1))
def test_blocks_of_any_length_become_whole_frames(sound: bytes, sizes: list[int]) -> None:
    """Only an incomplete last frame is left out."""
    converter = PCMConverter(PCM(24000), PCM(24000))
    out, rest = b"", sound
    for size in sizes * 200:
        block = converter.feed(rest[:size])
        assert len(block) % 2 == 0
        out, rest = out + block, rest[size:]
    assert converter.finish() == b""
    assert out == sound[: len(sound) // 2 * 2]


def test_mono_is_copied_to_both_channels() -> None:
    converter = PCMConverter(PCM(24000), PCM(24000, 2))
    assert converter.feed(b"aAbB") == b"aAaAbBbB"


def test_matching_channels_are_passed_on() -> None:
    assert PCMConverter(PCM(8000, 2), PCM(8000, 2)).feed(b"aAbBc") == b"aAbB"


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_resampled_tone_keeps_pitch_length_and_level(rate: int, channels: int) -> None:
    """Twice in a row with the same converter."""
    converter = PCMConverter(PCM(24000), PCM(rate, channels))
    tone = (8000 * np.sin(np.arange(24000) * 2 * np.pi * 500 / 24000)).astype("<i2").tobytes()
    for _ in range(2):
        blocks = [converter.feed(tone[begin : begin + 999]) for begin in range(0, len(tone), 999)]
        out = np.frombuffer(b"".join(blocks) + converter.finish(), "<i2").reshape(-1, channels)
        expected = 8000 * np.sin(np.arange(rate) * 2 * np.pi * 500 / rate)
        assert len(out) == pytest.approx(rate, abs=2)
        assert np.abs(out[100 : rate - 100, -1] - expected[100 : rate - 100]).max() < 100
