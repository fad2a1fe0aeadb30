"""Encoding PCM into every format, into files and pipes, and what happens if writing fails."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from stepcli.audio.encoder import delay, open_encoder
from stepcli.audio_types import PCM, AudioFormat, looks_like

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MONO = PCM(24000)
TONE = (8000 * np.sin(np.arange(48000) / 10)).astype("<i2").tobytes()
LOSSLESS = (AudioFormat.PCM, AudioFormat.WAV, AudioFormat.FLAC)


class Pipe(io.BytesIO):
    """A file that cannot seek."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError(29, "Illegal seek")


@pytest.mark.parametrize("file", [io.BytesIO, lambda: Pipe()], ids=["file", "pipe"])
@pytest.mark.parametrize("format", [AudioFormat.MP3, AudioFormat.OPUS, AudioFormat.WAV])
@pytest.mark.parametrize("rate", [16000, 48000])
def test_sound_begins_after_the_delay(
    file: Callable[[], io.BytesIO], format: AudioFormat, rate: int
) -> None:
    burst = np.zeros(rate, "<i2")
    burst[rate // 2 :] = np.random.default_rng(1).integers(-9000, 9000, rate - rate // 2)
    output = file()
    encoder = open_encoder(output, format, PCM(rate))
    encoder.write(burst.tobytes())
    encoder.close()
    decoded, _ = soundfile.read(io.BytesIO(output.getvalue()), dtype="int16")
    begin = np.flatnonzero(np.abs(decoded.astype(int)) > 3000)[0] / rate
    assert begin == pytest.approx(0.5 + delay(output, format, PCM(rate)), abs=0.006)


class FullDisk(io.BytesIO):
    """A file that takes ``room`` bytes."""

    room = 3000

    def write(self, data: ReadableBuffer) -> int:
        if self.tell() > self.room:
            raise OSError(28, "No space left on device")
        return super().write(data)


def encode(file: io.BytesIO, format: AudioFormat) -> bytes:
    sink = open_encoder(file, format, MONO)
    for start in range(0, len(TONE), 7000):
        sink.write(TONE[start : start + 7000])
    sink.close()
    return file.getvalue()


def decode(data: bytes, format: AudioFormat) -> bytes:
    if format is AudioFormat.PCM:
        return data
    sound, rate = soundfile.read(io.BytesIO(data), dtype="int16")
    assert rate == MONO.rate
    return bytes(sound.astype("<i2").tobytes())


@pytest.mark.parametrize("kind", [io.BytesIO, Pipe], ids=["file", "pipe"])
@pytest.mark.parametrize("format", AudioFormat)
def test_encoded_audio_is_complete(format: AudioFormat, kind: type[io.BytesIO]) -> None:
    data = encode(kind(), format)
    assert looks_like(format, data[:64])
    if (format, kind) == (AudioFormat.FLAC, Pipe):
        return  # libsndfile needs a stated length to decode all at once
    sound = decode(data, format)
    if format in LOSSLESS:
        assert sound == TONE
    else:
        assert len(sound) == pytest.approx(len(TONE), abs=2 * 3000)


@pytest.mark.parametrize("format", AudioFormat)
def test_failed_write_raises_the_error_of_the_file(format: AudioFormat) -> None:
    with pytest.raises(OSError, match="No space left"):
        encode(FullDisk(), format)
