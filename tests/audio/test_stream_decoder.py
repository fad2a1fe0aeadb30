"""Decoding audio while it arrives."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from stepcli.audio.stream_decoder import CompressedDecoder, RawDecoder, require_ffmpeg
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, UsageError
from stepcli.sandbox.tts.encoding import StreamEncoder

RATE = 24000
CODECS = {"mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "OPUS")}
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def test_sample_split_between_blocks_is_joined() -> None:
    samples = RawDecoder()
    assert [samples.decode(piece) for piece in (b"a", b"bc", b"def")] == [b"", b"ab", b"cdef"]
    assert samples.finish() == b""


def stream(container: str) -> bytes:
    """Return two seconds of a tone."""
    time = np.arange(2 * RATE) / RATE
    tone = (8000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)
    file = io.BytesIO()
    format, subtype = CODECS[container]
    soundfile.write(file, tone, RATE, format=format, subtype=subtype)
    return file.getvalue()


def in_pieces(data: bytes, size: int = 900) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@needs_ffmpeg
@pytest.mark.parametrize("container", CODECS)
def test_growing_stream_is_decoded_before_it_ends(container: str) -> None:
    """At the requested rate and to the end."""
    decoder = CompressedDecoder(container, PCM(RATE))
    early = b"".join(map(decoder.decode, in_pieces(stream(container))))
    for _ in range(600):  # a busy machine's ffmpeg is late to begin
        if len(early) / 2 > RATE:
            break
        early += decoder.decode(b"")
    sound = np.frombuffer(early + decoder.finish(), "<i2")
    assert len(early) / 2 > RATE
    assert len(sound) == pytest.approx(2 * RATE, abs=RATE // 10)
    spectrum = np.abs(np.fft.rfft(sound.astype(float)))
    assert np.argmax(spectrum) * RATE / len(sound) == pytest.approx(440, abs=2)


@needs_ffmpeg
@pytest.mark.parametrize("rate", [16000, 24000, 48000])
@pytest.mark.parametrize("format", ["mp3", "opus"])
def test_sound_begins_with_its_first_sample(format: str, rate: int) -> None:
    """A codec adds silence, and ffmpeg could discard the packet by which it knows the format."""
    sound = np.zeros(rate, np.int16)
    sound[rate // 4 :] = np.random.default_rng(1).normal(0, 3000, rate - rate // 4)
    encoder = StreamEncoder(format, rate, 0.1)
    data = b"".join(chunk.data for chunk in encoder.feed(sound)) + encoder.finish()
    decoder = CompressedDecoder("ogg" if format == "opus" else "mp3", PCM(rate))
    decoded = b"".join(map(decoder.decode, in_pieces(data))) + decoder.finish()
    loud = np.flatnonzero(np.abs(np.frombuffer(decoded, "<i2").astype(int)) > 1500)
    assert loud[0] / rate == pytest.approx(0.25, abs=0.005)
    assert len(decoded) / 2 / rate == pytest.approx(decoder.seconds, abs=0.001)


@needs_ffmpeg
def test_invalid_audio_is_a_network_error() -> None:
    decoder = CompressedDecoder("ogg", PCM(RATE))
    with pytest.raises(NetworkError, match="cannot be decoded"):  # noqa: PT012 - now or at the end
        decoder.decode(b"no sound at all" * 5000)
        decoder.finish()


def test_missing_ffmpeg_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="not installed"):
        require_ffmpeg()
