"""Encoding of samples, whole and as a stream."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from stepcli.sandbox.tts.encoding import (
    FilePerChunkEncoder,
    StreamEncoder,
    encodable_rate,
    encode,
    encode_chunks,
)

RATE = 16000
TONE = (np.sin(np.arange(RATE) * 0.05) * 8000).astype(np.int16)  # one second
FORMATS = ["wav", "mp3", "flac", "opus", "pcm"]


@pytest.mark.parametrize("format", ["wav", "flac", "pcm"])
def test_lossless_format_keeps_the_samples(format: str) -> None:
    data = encode(TONE, format, RATE)
    if format == "pcm":
        decoded = np.frombuffer(data, "<i2")
    else:
        decoded, _ = soundfile.read(io.BytesIO(data), dtype="int16")
    assert (decoded == TONE).all()


@pytest.mark.parametrize("format", FORMATS)
def test_chunks_join_to_the_file_and_to_its_length(format: str) -> None:
    chunks = list(encode_chunks(TONE, format, RATE))
    assert sum(chunk.seconds for chunk in chunks) == pytest.approx(1)
    joined = b"".join(chunk.data for chunk in chunks)
    if format == "opus":  # every Ogg file has a random serial number
        assert soundfile.info(io.BytesIO(joined)).duration == pytest.approx(1, abs=0.01)
    else:
        assert joined == encode(TONE, format, RATE)


@pytest.mark.parametrize("format", ["wav", "mp3", "flac", "opus"])
def test_file_per_chunk_is_complete(format: str) -> None:
    encoder = FilePerChunkEncoder(format, RATE, 0.4)
    files = [chunk.data for chunk in encoder.feed(TONE)]
    durations = [soundfile.info(io.BytesIO(file)).duration for file in files]
    assert durations == pytest.approx([0.4, 0.4, 0.2], abs=0.001)
    assert encoder.finish() == b""


def test_stream_continues_over_several_feeds() -> None:
    encoder = StreamEncoder("opus", RATE, 0.1)
    data = b"".join(chunk.data for _ in range(3) for chunk in encoder.feed(TONE))
    whole = data + encoder.finish()
    assert soundfile.info(io.BytesIO(whole)).duration == pytest.approx(3, abs=0.01)


def test_opus_at_22050_hz_is_encoded_at_24000() -> None:
    assert encodable_rate("opus", 22050) == 24000
    assert encodable_rate("mp3", 22050) == 22050
