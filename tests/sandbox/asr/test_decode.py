"""Decoding of uploaded audio."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from stepcli.sandbox.asr.decode import decode, decode_pcm
from stepcli.sandbox.http.responses import ServiceError

RATE = 24000


def test_untagged_variable_bit_rate_mp3_is_decoded_to_its_end() -> None:
    """libsndfile estimates its length from the first frames, which are large here."""
    sound = np.zeros(20 * RATE, np.int16)
    sound[:RATE] = np.random.default_rng(1).integers(-9000, 9000, RATE)
    file = io.BytesIO()
    soundfile.write(file, sound, RATE, format="MP3", bitrate_mode="VARIABLE")
    untagged = file.getvalue().replace(b"Xing", b"\0" * 4).replace(b"Info", b"\0" * 4)
    samples, rate = decode(untagged, "mp3", max_seconds=60)
    assert len(samples) / rate == pytest.approx(20, abs=0.2)


def test_channels_are_mixed_down() -> None:
    frames = np.array([[100, 300], [-50, 50]], "<i2")
    samples, rate = decode_pcm(frames.tobytes(), 8000, 2, max_seconds=1)
    assert (samples.tolist(), rate) == ([200, 0], 8000)


def test_incomplete_frame_is_refused() -> None:
    with pytest.raises(ServiceError, match="whole number of frames"):
        decode_pcm(bytes(3), 8000, 1, max_seconds=1)
