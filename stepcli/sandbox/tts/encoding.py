"""Encode samples into the service's five formats with libsndfile, whole or as a stream.

The same samples give the same bytes, except that every Ogg file has a random serial number.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import soundfile

from stepcli.sandbox.tts.synthesis import Samples

MEDIA_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "opus": "audio/ogg",
    "pcm": "audio/pcm",
}

_SNDFILE = {
    "wav": ("WAV", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "flac": ("FLAC", "PCM_16"),
    "opus": ("OGG", "OPUS"),
}


def encodable_rate(format: str, rate: int) -> int:
    """Return ``rate``, or 24000 for Ogg Opus at 22050 Hz, which Opus does not support."""
    return 24000 if (format, rate) == ("opus", 22050) else rate


@dataclass(frozen=True)
class EncodedChunk:
    """Bytes of an encoded sound, and the seconds of sound that they add."""

    data: bytes
    seconds: float


def encode_chunks(
    samples: Samples, format: str, rate: int, step: float = 0.1
) -> Iterator[EncodedChunk]:
    """Yield one complete file in chunks of about ``step`` seconds.

    The headers of wav, mp3 and flac contain the length, so these are encoded before their first
    chunk.
    """
    if format == "opus":
        encoder = StreamEncoder(format, rate, step)
        yield from encoder.feed(samples)
        yield EncodedChunk(encoder.finish(), 0.0)
    else:
        yield from _slices(encode(samples, format, rate), len(samples) / rate, step)


def _slices(data: bytes, seconds: float, step: float) -> Iterator[EncodedChunk]:
    count = max(1, round(seconds / step))
    edges = [len(data) * index // count // 2 * 2 for index in range(count)] + [len(data)]
    for start, end in pairwise(edges):
        yield EncodedChunk(data[start:end], seconds / count)


def encode(samples: Samples, format: str, rate: int) -> bytes:
    """Return one complete file, or the little-endian samples themselves for ``pcm``."""
    if format == "pcm":
        return samples.astype("<i2").tobytes()
    file = io.BytesIO()
    with _open_writer(file, format, rate) as writer:
        for block in _blocks(samples, rate):
            writer.write(block)
    return file.getvalue()


class FilePerChunkEncoder:
    """Encode every chunk as a complete file that can be decoded on its own."""

    def __init__(self, format: str, rate: int, step: float) -> None:
        self._format, self._rate, self._step = format, rate, step

    def feed(self, samples: Samples) -> Iterator[EncodedChunk]:
        """Yield one file for every ``step`` seconds of ``samples``."""
        for block in _blocks(samples, round(self._rate * self._step)):
            yield EncodedChunk(encode(block, self._format, self._rate), len(block) / self._rate)

    def finish(self) -> bytes:
        """Return no bytes: every file is complete already."""
        return b""


class StreamEncoder:
    """Encode one sound incrementally: the results of ``feed`` and ``finish`` join to one file.

    Headers do not contain the length, as in any stream.
    """

    def __init__(self, format: str, rate: int, step: float) -> None:
        self._rate, self._step = rate, step
        self._buffer = _StreamBuffer()
        self._writer = None if format == "pcm" else _open_writer(self._buffer, format, rate)

    def feed(self, samples: Samples) -> Iterator[EncodedChunk]:
        """Yield the next samples; a chunk is empty while the encoder buffers."""
        for block in _blocks(samples, round(self._rate * self._step)):
            yield EncodedChunk(self._encode(block), len(block) / self._rate)

    def finish(self) -> bytes:
        """Return the bytes that the encoder still holds."""
        if self._writer is not None:
            self._writer.close()
        return self._buffer.take()

    def _encode(self, block: Samples) -> bytes:
        if self._writer is None:
            return block.astype("<i2").tobytes()
        self._writer.write(block)
        return self._buffer.take()


class _StreamBuffer(io.RawIOBase):
    """A write-only file for libsndfile; writes to bytes that were already taken are ignored."""

    def __init__(self) -> None:
        self._fresh = bytearray()
        self._position = self._length = 0

    def take(self) -> bytes:
        """Return what was written since the last call."""
        fresh = bytes(self._fresh)
        self._fresh.clear()
        return fresh

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self._position == self._length:
            self._fresh += data
            self._length += len(data)
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + (0, self._position, self._length)[whence]
        return self._position

    def tell(self) -> int:
        return self._position


def _open_writer(file: io.BytesIO | _StreamBuffer, format: str, rate: int) -> soundfile.SoundFile:
    container, subtype = _SNDFILE[format]
    constant = {"bitrate_mode": "CONSTANT", "compression_level": _mp3_level(rate)}
    return soundfile.SoundFile(
        file,
        "w",
        samplerate=rate,
        channels=1,
        format=container,
        subtype=subtype,
        **(constant if format == "mp3" else {}),
    )


def _mp3_level(rate: int) -> float:
    """Return libsndfile's level for 128 kbit/s, or the maximum at low rates (64 kbit/s at 8 kHz).

    Level 0 is the highest bit rate of that MPEG version, 1 the lowest, linear in between.
    """
    highest, lowest = (320, 32) if rate >= 32000 else (160, 8) if rate >= 16000 else (64, 8)
    return max(0.0, (highest - 128) / (highest - lowest))


def _blocks(samples: Samples, size: int) -> Iterator[Samples]:
    """Yield short blocks: libsndfile crashes if a compressed format gets too much at once."""
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
