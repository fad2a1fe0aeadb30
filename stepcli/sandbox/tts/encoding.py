"""Samples into the five formats of the service, by libsndfile, whole or as a stream.

The same samples give the same bytes, except that every Ogg file has a random serial number.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import soundfile

from stepcli.sandbox.tts.synthesis import Pcm

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


def rate_in(format: str, rate: int) -> int:
    """The rate a sound is made at: ``rate``, but Ogg Opus knows no 22050 Hz and gets 24000."""
    return 24000 if (format, rate) == ("opus", 22050) else rate


@dataclass(frozen=True)
class Piece:
    """Some bytes of an encoded sound, and how many seconds of it they bring."""

    data: bytes
    seconds: float


def pieces(sound: Pcm, format: str, rate: int, step: float = 0.1) -> Iterator[Piece]:
    """One complete file in pieces of about ``step`` seconds, the first of them as early as can be.

    Headers of wav, mp3 and flac tell the length, so those are encoded before their first piece.
    """
    if format == "opus":
        yield from Stream(format, rate, step).whole(sound)
    else:
        yield from _slices(encode(sound, format, rate), len(sound) / rate, step)


def _slices(data: bytes, seconds: float, step: float) -> Iterator[Piece]:
    count = max(1, round(seconds / step))
    edges = [len(data) * index // count // 2 * 2 for index in range(count)] + [len(data)]
    for start, end in pairwise(edges):
        yield Piece(data[start:end], seconds / count)


def encode(sound: Pcm, format: str, rate: int) -> bytes:
    """One complete file; for ``pcm`` the little-endian samples themselves."""
    if format == "pcm":
        return sound.astype("<i2").tobytes()
    file = io.BytesIO()
    with _writer(file, format, rate) as writer:
        for block in _blocks(sound, rate):
            writer.write(block)
    return file.getvalue()


class Files:
    """A sound as many files, each complete: what a client may decode as it comes."""

    def __init__(self, format: str, rate: int, step: float) -> None:
        self._format, self._rate, self._step = format, rate, step

    def feed(self, sound: Pcm) -> Iterator[Piece]:
        """The next samples, a file for every ``step`` seconds."""
        for block in _blocks(sound, round(self._rate * self._step)):
            yield Piece(encode(block, self._format, self._rate), len(block) / self._rate)

    def finish(self) -> bytes:
        """Nothing is left over."""
        return b""


class Stream:
    """One sound that is encoded while it is made: what ``feed`` and ``finish`` give is the file.

    Lengths in headers stay unknown, as in any stream.
    """

    def __init__(self, format: str, rate: int, step: float) -> None:
        self._rate, self._step = rate, step
        self._outlet = _Outlet()
        self._writer = None if format == "pcm" else _writer(self._outlet, format, rate)

    def whole(self, sound: Pcm) -> Iterator[Piece]:
        """All of ``sound``, then the end of the file."""
        yield from self.feed(sound)
        yield Piece(self.finish(), 0.0)

    def feed(self, sound: Pcm) -> Iterator[Piece]:
        """The next samples; a piece may hold no bytes while the encoder gathers."""
        for block in _blocks(sound, round(self._rate * self._step)):
            yield Piece(self._encode(block), len(block) / self._rate)

    def finish(self) -> bytes:
        """What the encoder still holds."""
        if self._writer is not None:
            self._writer.close()
        return self._outlet.take()

    def _encode(self, block: Pcm) -> bytes:
        if self._writer is None:
            return block.astype("<i2").tobytes()
        self._writer.write(block)
        return self._outlet.take()


class _Outlet(io.RawIOBase):
    """A file for libsndfile to write; what was taken from it is not there to be rewritten."""

    def __init__(self) -> None:
        self._fresh = bytearray()
        self._position = self._length = 0

    def take(self) -> bytes:
        """What was written since the last time."""
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


def _writer(file: io.BytesIO | _Outlet, format: str, rate: int) -> soundfile.SoundFile:
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
    """libsndfile's level for 128 kbit/s, or the most there is at low rates: 64 kbit/s at 8000 Hz.

    Level 0 is the highest bit rate of that version of MPEG, 1 the lowest, linear in between.
    """
    highest, lowest = (320, 32) if rate >= 32000 else (160, 8) if rate >= 16000 else (64, 8)
    return max(0.0, (highest - 128) / (highest - lowest))


def _blocks(sound: Pcm, size: int) -> Iterator[Pcm]:
    """In short blocks: libsndfile crashes when a compressed format is given very much at once."""
    for start in range(0, len(sound), size):
        yield sound[start : start + size]
