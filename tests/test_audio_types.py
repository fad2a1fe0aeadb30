"""What the first bytes of an answer say about its format."""

from __future__ import annotations

import io
import random
import struct

import numpy as np
import pytest
import soundfile

from stepcli.audio import wav
from stepcli.audio_types import PCM, SIGNATURE_BYTES, AudioFormat, looks_like

RATE = 24000
ENCODINGS = {
    AudioFormat.MP3: ("MP3", "MPEG_LAYER_III"),
    AudioFormat.WAV: ("WAV", "PCM_16"),
    AudioFormat.FLAC: ("FLAC", "PCM_16"),
    AudioFormat.OPUS: ("OGG", "OPUS"),
}
TEXTS = [
    b'{"error":{"message":"no"}}',
    b"{}",
    b'[{"code":1}]',
    b'\n  {\n\t"code": 5\n}',
    b"\xef\xbb\xbf{}",
    b"<!DOCTYPE html><html></html>",
    b"<?xml version='1.0'?>",
    b"upstream connect error",
    "服务暂时不可用,请稍后再试。".encode(),
    ("{" + "错" * SIGNATURE_BYTES).encode()[:SIGNATURE_BYTES],
]


def speech_in(format: AudioFormat) -> bytes:
    samples = (3000 * np.sin(np.arange(RATE) / 20)).astype("<i2")
    if format is AudioFormat.PCM:
        return samples.tobytes()
    file = io.BytesIO()
    container, codec = ENCODINGS[format]
    soundfile.write(file, samples, RATE, format=container, subtype=codec)
    return file.getvalue()


@pytest.mark.parametrize("format", AudioFormat)
def test_audio_looks_like_its_own_format(format: AudioFormat) -> None:
    sound = speech_in(format)
    assert looks_like(format, sound[:SIGNATURE_BYTES])
    assert looks_like(format, sound[:SIGNATURE_BYTES], len(sound))


@pytest.mark.parametrize("format", AudioFormat)
@pytest.mark.parametrize("other", AudioFormat)
def test_audio_does_not_look_like_another_format(format: AudioFormat, other: AudioFormat) -> None:
    if (format, other) == (AudioFormat.MP3, AudioFormat.PCM) or format is other:
        return  # the header of an MP3 frame is a likely pair of samples
    assert not looks_like(other, speech_in(format)[:SIGNATURE_BYTES])


def test_tagged_mp3_is_mp3_and_not_pcm() -> None:
    tagged = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + speech_in(AudioFormat.MP3)
    assert looks_like(AudioFormat.MP3, tagged)
    assert not looks_like(AudioFormat.PCM, tagged)


def test_wav_of_unknown_or_64_bit_length_is_wav() -> None:
    unknown = wav.header(PCM(RATE))
    assert looks_like(AudioFormat.WAV, unknown)
    assert looks_like(AudioFormat.WAV, b"RF64" + unknown[4:])


@pytest.mark.parametrize("format", AudioFormat)
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_never_audio(format: AudioFormat, text: bytes) -> None:
    assert not looks_like(format, text)


@pytest.mark.parametrize("format", AudioFormat)
@pytest.mark.parametrize("head", [b"", b"\0", b"\xff"])
def test_less_than_a_sample_is_never_audio(format: AudioFormat, head: bytes) -> None:
    assert not looks_like(format, head)


@pytest.mark.parametrize(("size", "plausible"), [(0, False), (1, False), (2, True), (4801, False)])
def test_pcm_is_a_positive_number_of_whole_samples(size: int, plausible: bool) -> None:
    assert looks_like(AudioFormat.PCM, b"\0\0\1\0", size) is plausible


def test_silence_and_noise_of_any_level_are_plausible_pcm() -> None:
    chance = random.Random(1)
    for level in (0, 1, 30, 100, 3000, 32767):
        samples = [chance.randint(-level, level) for _ in range(SIGNATURE_BYTES // 2)]
        assert looks_like(AudioFormat.PCM, struct.pack(f"<{len(samples)}h", *samples)), level
