"""Sound as it comes made into sound as the device takes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.audio.resampling import PCMConverter
from stepcli.audio_types import PCM


@given(st.binary(max_size=200), st.lists(st.integers(1, 7), min_size=1))
def test_torn_frames(sound: bytes, sizes: list[int]) -> None:
    """Blocks cut anywhere come out as whole frames; only a torn last one is left out."""
    fit = PCMConverter(PCM(24000), PCM(24000))
    out, rest = b"", sound
    for size in sizes * 200:
        block = fit.feed(rest[:size])
        assert len(block) % 2 == 0
        out, rest = out + block, rest[size:]
    assert fit.finish() == b""
    assert out == sound[: len(sound) // 2 * 2]


def test_mono_to_stereo() -> None:
    """Both sides get the same."""
    fit = PCMConverter(PCM(24000), PCM(24000, 2))
    assert fit.feed(b"aAbB") == b"aAaAbBbB"


def test_stereo_stays() -> None:
    assert PCMConverter(PCM(8000, 2), PCM(8000, 2)).feed(b"aAbBc") == b"aAbB"


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_resampled(rate: int, channels: int) -> None:
    """A tone stays that tone, as long and as loud, twice in a row through one Fit."""
    fit = PCMConverter(PCM(24000), PCM(rate, channels))
    tone = (8000 * np.sin(np.arange(24000) * 2 * np.pi * 500 / 24000)).astype("<i2").tobytes()
    for _ in range(2):
        blocks = [fit.feed(tone[begin : begin + 999]) for begin in range(0, len(tone), 999)]
        out = np.frombuffer(b"".join(blocks) + fit.finish(), "<i2").reshape(-1, channels)
        expected = 8000 * np.sin(np.arange(rate) * 2 * np.pi * 500 / rate)
        assert len(out) == pytest.approx(rate, abs=2)
        assert np.abs(out[100 : rate - 100, -1] - expected[100 : rate - 100]).max() < 100
