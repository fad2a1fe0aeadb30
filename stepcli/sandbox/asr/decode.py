"""Sound as it comes up the wire, checked against what it was said to be."""

from __future__ import annotations

import io
import os

import numpy as np
import soundfile
from numpy.typing import NDArray

from stepcli.sandbox.asr.recognizer import Sound
from stepcli.sandbox.http.errors import Refusal

_CONTAINERS = {"wav": {"WAV", "WAVEX", "RF64"}, "mp3": {"MP3", "MPEG"}, "ogg": {"OGG"}}
_BLOCK = 1 << 20


def decode(data: bytes, format: str, *, longest: float) -> tuple[Sound, int]:
    """Mono samples and their rate, from a container that must be of ``format`` (wav, mp3, ogg)."""
    try:
        with soundfile.SoundFile(_file(data, format)) as file:
            if file.format not in _CONTAINERS[format]:
                raise _mismatch(format)
            return _mono(file, longest), file.samplerate
    except soundfile.SoundFileError as failure:
        raise _mismatch(format) from failure


def decode_pcm(data: bytes, rate: int, channels: int, *, longest: float) -> tuple[Sound, int]:
    """Mono samples and their rate, from bare signed 16-bit little-endian ones."""
    if len(data) % (2 * channels):
        raise Refusal("audio.data is not a whole number of frames", param="audio.data")
    if len(data) / (2 * channels * rate) > longest:
        raise _too_long(longest)
    frames = np.frombuffer(data, "<i2").reshape(-1, channels)
    return _mixed(frames), rate


def _mono(file: soundfile.SoundFile, longest: float) -> Sound:
    blocks: list[Sound] = []
    left = longest * file.samplerate
    while len(block := file.read(_BLOCK, dtype="int16", always_2d=True)):
        left -= len(block)
        if left < 0:
            raise _too_long(longest)
        blocks.append(_mixed(block))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)


def _file(data: bytes, format: str) -> io.BytesIO:
    """Of an MP3 without a tag libsndfile guesses the length by the file's, and reads no further."""
    tagged = b"Xing" in data[:_BLOCK] or b"Info" in data[:_BLOCK]
    return _Endless(data) if format == "mp3" and not tagged else io.BytesIO(data)


class _Endless(io.BytesIO):
    """A file that is longer than any guess."""

    _at_end = False

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at_end = whence == os.SEEK_END and offset == 0
        return super().seek(offset, whence)

    def tell(self) -> int:
        return 1 << 40 if self._at_end else super().tell()


def _mixed(frames: NDArray[np.int16]) -> Sound:
    """Frames of any number of channels as mono."""
    mono: Sound = frames.mean(axis=1, dtype=np.float32).astype(np.int16)
    return mono


def _mismatch(format: str) -> Refusal:
    return Refusal(f"the audio is not valid {format}", param="audio.input.format.type")


def _too_long(longest: float) -> Refusal:
    return Refusal(f"the audio is longer than {longest:g} seconds", param="audio.data")
