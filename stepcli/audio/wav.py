"""WAV headers: the true one, the one that says "length unknown", and reading them (RIFF)."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from stepcli.audio_types import PCM, SAMPLE_BYTES

UNKNOWN = 0x7FFFF000
"""The size that sox writes to a pipe and reads without complaint; ffmpeg and aplay take it too."""
_LARGEST = 0xFFFFFFFF
_BEFORE_DATA = 36
_CHUNK = struct.Struct("<4sI")
_FMT = struct.Struct("<HHIIHH")
_PLAIN, _EXTENSIBLE = 1, 0xFFFE
_ENDLESS = 0x7FFF0000
"""From here on a size may mean "unknown": every program has its own for a pipe."""


def header(pcm: PCM, size: int | None = None) -> bytes:
    """The 44 bytes before ``size`` bytes of samples; None for a stream whose end is not known."""
    data = UNKNOWN if size is None or size + _BEFORE_DATA > _LARGEST else size
    fmt = _FMT.pack(
        _PLAIN, pcm.channels,
        pcm.rate, pcm.rate * pcm.frame_bytes, pcm.frame_bytes, 8 * SAMPLE_BYTES,
    )  # fmt: skip
    return (
        _CHUNK.pack(b"RIFF", data + _BEFORE_DATA) + b"WAVE" + _CHUNK.pack(b"fmt ", len(fmt)) + fmt
        + _CHUNK.pack(b"data", data)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a WAV file's 16-bit samples are: ``size`` bytes from ``offset`` on.

    ``truthful`` is whether the header knows that size, ``missing`` how many more bytes it promises.
    """

    pcm: PCM
    offset: int
    size: int
    truthful: bool
    missing: int


def layout(file: BinaryIO) -> Layout | None:
    """The layout of a WAV ``file`` of plain 16-bit samples; None for any other kind of file."""
    end = file.seek(0, os.SEEK_END)
    pcm = None
    for name, position, size in _chunks(file, end):
        if name == b"fmt ":
            file.seek(position)
            pcm = _shape(file.read(min(size, 26)))
        elif name == b"data" and pcm:
            there = end - position
            truthful = 0 < size < _ENDLESS or size == there
            told = size if truthful else there
            return Layout(pcm, position, min(told, there), truthful, max(0, told - there))
    return None


def _shape(fmt: bytes) -> PCM | None:
    """The shape that a ``fmt`` chunk tells of, if its samples are signed 16-bit integers."""
    if len(fmt) < _FMT.size:
        return None
    kind, channels, rate, _, _, bits = _FMT.unpack_from(fmt)
    if kind == _EXTENSIBLE:
        kind = int.from_bytes(fmt[24:26], "little")
    plain = kind == _PLAIN and bits == 8 * SAMPLE_BYTES and channels and rate
    return PCM(rate, channels) if plain else None


def mend(file: BinaryIO) -> None:
    """Make the sizes in a complete WAV ``file`` true where they are not; touch nothing else."""
    end = file.seek(0, os.SEEK_END)
    for name, position, size in _chunks(file, end):
        if name == b"data" and (size == 0 or position + size > end):
            _correct(file, position - 4, end - position)
    start = _start(file)
    if start and start[4:8] != struct.pack("<I", min(end - 8, _LARGEST)):
        _correct(file, 4, end - 8)


def _start(file: BinaryIO) -> bytes:
    """The 12 bytes that a WAV file begins with; nothing of any other file."""
    file.seek(0)
    start = file.read(12)
    return start if start[:4] == b"RIFF" and start[8:] == b"WAVE" else b""


def _chunks(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's name, where its contents begin, and the size it says it has, up to ``data``."""
    if not _start(file):
        return
    name, position = b"", 12
    while name != b"data" and position + _CHUNK.size <= end:
        file.seek(position)
        name, size = _CHUNK.unpack(file.read(_CHUNK.size))
        position += _CHUNK.size
        yield name, position, size
        position += size + size % 2


def _correct(file: BinaryIO, offset: int, size: int) -> None:
    file.seek(offset)
    file.write(struct.pack("<I", min(size, _LARGEST)))
