"""Decode uploaded audio, and check that it has the declared format."""

from __future__ import annotations

import io
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from stepcli.sandbox.asr.recognizer import Samples
from stepcli.sandbox.http.responses import ServiceError

_CONTAINERS = {"wav": {"WAV", "WAVEX", "RF64"}, "mp3": {"MP3", "MPEG"}, "ogg": {"OGG"}}
_BLOCK = 1 << 20


def decode(data: bytes, format: str, *, max_seconds: float) -> tuple[Samples, int]:
    """Return mono samples and their rate; raise ServiceError if ``data`` is not ``format``.

    ``format`` is one of wav, mp3, ogg and m4a.
    """
    if format == "m4a":
        data, format = _convert_m4a(data, max_seconds), "wav"
    try:
        with soundfile.SoundFile(_open(data, format)) as file:
            if file.format not in _CONTAINERS[format]:
                raise _mismatch(format)
            return _read_mono(file, max_seconds), file.samplerate
    except soundfile.SoundFileError as exc:
        raise _mismatch(format) from exc


def _convert_m4a(data: bytes, max_seconds: float) -> bytes:
    """Return an m4a file as WAV, by ffmpeg: libsndfile does not decode AAC."""
    if data[4:8] != b"ftyp" or b"vide" in data:
        raise _mismatch("m4a")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "audio.m4a")  # its index may be at the end: no pipe can be used
        path.write_bytes(data)
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-t", str(max_seconds + 1)]
        try:
            result = subprocess.run(
                [*command, "-f", "wav", "-"], stdin=subprocess.DEVNULL, capture_output=True
            )
        except FileNotFoundError:
            raise ServiceError("the sandbox needs ffmpeg to decode m4a", status=500) from None
    if result.returncode:
        raise _mismatch("m4a")
    return result.stdout


def decode_pcm(data: bytes, rate: int, channels: int, *, max_seconds: float) -> tuple[Samples, int]:
    """Return mono samples and their rate from raw signed 16-bit little-endian samples."""
    if len(data) % (2 * channels):
        raise ServiceError("audio.data is not a whole number of frames", param="audio.data")
    if len(data) / (2 * channels * rate) > max_seconds:
        raise _too_long(max_seconds)
    frames = np.frombuffer(data, "<i2").reshape(-1, channels)
    return _mix_down(frames), rate


def _read_mono(file: soundfile.SoundFile, max_seconds: float) -> Samples:
    blocks: list[Samples] = []
    remaining = max_seconds * file.samplerate
    while len(block := file.read(_BLOCK, dtype="int16", always_2d=True)):
        remaining -= len(block)
        if remaining < 0:
            raise _too_long(max_seconds)
        blocks.append(_mix_down(block))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)


def _open(data: bytes, format: str) -> io.BytesIO:
    """Open ``data`` so that libsndfile reads all of it.

    It estimates the length of an untagged MP3 from the file's size, and reads no further.
    """
    tagged = b"Xing" in data[:_BLOCK] or b"Info" in data[:_BLOCK]
    return _UnboundedFile(data) if format == "mp3" and not tagged else io.BytesIO(data)


class _UnboundedFile(io.BytesIO):
    """A file that reports a size larger than any estimate."""

    _at_end = False

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at_end = whence == os.SEEK_END and offset == 0
        return super().seek(offset, whence)

    def tell(self) -> int:
        return 1 << 40 if self._at_end else super().tell()


def _mix_down(frames: NDArray[np.int16]) -> Samples:
    mono: Samples = frames.mean(axis=1, dtype=np.float32).astype(np.int16)
    return mono


def _mismatch(format: str) -> ServiceError:
    return ServiceError(f"the audio is not valid {format}", param="audio.input.format.type")


def _too_long(max_seconds: float) -> ServiceError:
    return ServiceError(f"the audio is longer than {max_seconds:g} seconds", param="audio.data")
