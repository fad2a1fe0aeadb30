"""WAV headers (RIFF and RF64): build, read and correct them.

RIFF holds sizes in 32 bits. A file beyond 4 GiB is RF64, whose first chunk, ``ds64``, has them in
64 bits (EBU Tech 3306, https://tech.ebu.ch/publications/tech3306).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from stepcli.audio_types import PCM, SAMPLE_BYTES

UNKNOWN = 0x7FFFF000
"""The size in the header of a stream whose length is not known, as sox writes it to pipes.

sox reads such a stream to its end without the warning that 0xFFFFFFFF causes.
ffmpeg stops after so many bytes: 12 hours of speech at 24 kHz.
"""
_MAX_SIZE = 0xFFFFFFFF
RESERVE_FROM = 256 << 20
"""Size in bytes from which a growing file has room for ``ds64``. Moving that many bytes by 36 takes
0.2 s; smaller files keep the usual header of 44 bytes."""
_PLACEHOLDERS = 0x7FFF0000
"""Sizes from here on may mean "unknown": each program writes its own such number to pipes."""
_CHUNK = struct.Struct("<4sI")
_FMT = struct.Struct("<HHIIHH")
_DS64 = struct.Struct("<QQQI")
_AFTER_WAVE = 12
_BEFORE_DATA = 36
"""Bytes that the RIFF size counts besides the samples, in a header of 44 bytes."""
_PCM, _EXTENSIBLE = 1, 0xFFFE
_BLOCK = 1 << 20


def header(pcm: PCM, size: int | None = None) -> bytes:
    """Return the 44 bytes that precede ``size`` bytes of samples; None for an unknown length.

    A size that RIFF cannot hold becomes 0xFFFFFFFF, which readers take for unknown.
    """
    data = UNKNOWN if size is None else min(size, _MAX_SIZE)
    fmt = _FMT.pack(
        _PCM, pcm.channels,
        pcm.rate, pcm.rate * pcm.frame_bytes, pcm.frame_bytes, 8 * SAMPLE_BYTES,
    )  # fmt: skip
    return (
        _CHUNK.pack(b"RIFF", min(data + _BEFORE_DATA, _MAX_SIZE)) + b"WAVE"
        + _CHUNK.pack(b"fmt ", len(fmt)) + fmt + _CHUNK.pack(b"data", data)
    )  # fmt: skip


class WavWriter:
    """Write samples to ``file`` behind a header whose sizes ``close`` corrects.

    A file that cannot seek keeps the header of a stream of unknown length.
    """

    def __init__(self, file: BinaryIO, pcm: PCM) -> None:
        self._file = file
        self._seekable = file.seekable()
        self._reserves = self._seekable
        file.write(header(pcm))

    def write(self, data: bytes) -> None:
        self._file.write(data)
        if self._reserves and self._file.tell() > RESERVE_FROM:
            self._reserves = False
            _reserve_ds64(self._file)

    def close(self) -> None:
        """Complete the header; the file stays open."""
        if self._seekable:
            correct_sizes(self._file, to_end=True)

    def abort(self) -> None:
        """Do nothing: the owner of the file discards it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the 16-bit samples of a WAV file are: ``size`` bytes from ``offset`` on.

    ``truthful`` is whether the header states that size, ``missing`` how many more bytes it states.
    """

    pcm: PCM
    offset: int
    size: int
    truthful: bool
    missing: int


def layout(file: BinaryIO) -> Layout | None:
    """Return the layout of a WAV ``file`` of 16-bit samples; None for any other kind of file."""
    pcm = None
    for chunk in _chunks(file):
        if chunk.name == b"fmt ":
            file.seek(chunk.offset)
            pcm = _shape(file.read(min(chunk.size, 26)))
        elif chunk.name == b"data" and pcm:
            there = _end(file) - chunk.offset
            stated = chunk.size if _is_stated(file, chunk) else there
            missing = max(0, stated - there)
            truthful = stated == chunk.size
            return Layout(pcm, chunk.offset, stated - missing, truthful, missing)
    return None


def appended_files(file: BinaryIO) -> Iterator[int]:
    """Yield where each further WAV file begins in ``file``, several files joined end to end."""
    position = _AFTER_WAVE
    while True:
        file.seek(position)
        head = file.read(_CHUNK.size)
        if len(head) < _CHUNK.size:
            return
        name, size = _CHUNK.unpack(head)
        if name in (b"RIFF", b"RF64"):
            yield position
            position += _AFTER_WAVE
        else:
            position += _CHUNK.size + _even(size)


def correct_sizes(file: BinaryIO, *, to_end: bool = False) -> None:
    """Make the sizes in the header of a complete WAV ``file`` true; leave true ones as they are.

    With ``to_end``, the samples last to the end of the file, whatever the header states. Any other
    file is left untouched. A file that RIFF cannot describe becomes RF64.
    """
    for chunk in _chunks(file):
        if chunk.name != b"data" or chunk.in_ds64:
            continue
        there = _end(file) - chunk.offset
        is_true = not to_end and chunk.size <= there and _is_stated(file, chunk)
        size = chunk.size if is_true else there
        if _end(file) - _CHUNK.size < _MAX_SIZE:
            _set_size(file, chunk.offset - 4, size)
            _set_size(file, 4, _end(file) - _CHUNK.size)
        else:
            _make_rf64(file, chunk, size)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk with ``size`` bytes of contents, as its own header states, from ``offset`` on."""

    name: bytes
    offset: int
    size: int
    in_ds64: bool = False


def _chunks(file: BinaryIO) -> Iterator[_Chunk]:
    """Yield each chunk of a WAV ``file`` up to ``data``; nothing for any other file."""
    end = _end(file)
    file.seek(0)
    start = file.read(_AFTER_WAVE)
    if start[:4] not in (b"RIFF", b"RF64") or start[8:] != b"WAVE":
        return
    name, position, size_64 = b"", _AFTER_WAVE, 0
    while name != b"data" and position + _CHUNK.size <= end:
        file.seek(position)
        name, size = _CHUNK.unpack(file.read(_CHUNK.size))
        position += _CHUNK.size
        if name == b"ds64" and start[:4] == b"RF64":
            size_64 = int.from_bytes(file.read(16)[8:], "little")
        if name == b"data" and size == _MAX_SIZE and size_64:
            yield _Chunk(name, position, size_64, in_ds64=True)
        else:
            yield _Chunk(name, position, size)
        position += _even(size)


def _is_stated(file: BinaryIO, chunk: _Chunk) -> bool:
    """Return whether the size of the data ``chunk`` is meant, and not a word for "unknown"."""
    if chunk.in_ds64 or 0 < chunk.size < _PLACEHOLDERS:
        return True
    after, end = chunk.offset + _even(chunk.size), _end(file)
    return after == end or chunk.offset + chunk.size == end or _is_chunk(file, after, end)


def _is_chunk(file: BinaryIO, position: int, end: int) -> bool:
    """Return whether there is a chunk at ``position`` that fits into the file."""
    file.seek(position)
    head = file.read(_CHUNK.size)
    if len(head) < _CHUNK.size:
        return False
    name, size = _CHUNK.unpack(head)
    is_name = name.isascii() and name.decode("ascii").isprintable()
    return bool(is_name and position + _CHUNK.size + size <= end)


def _even(size: int) -> int:
    """Return ``size`` with the padding byte that follows a chunk of odd length."""
    return size + size % 2


def _shape(fmt: bytes) -> PCM | None:
    """Return the shape in a ``fmt`` chunk, None where the samples are not 16-bit integers."""
    if len(fmt) < _FMT.size:
        return None
    kind, channels, rate, _, _, bits = _FMT.unpack_from(fmt)
    if kind == _EXTENSIBLE:
        kind = int.from_bytes(fmt[24:26], "little")
    is_plain = kind == _PCM and bits == 8 * SAMPLE_BYTES and channels and rate
    return PCM(rate, channels) if is_plain else None


def _set_size(file: BinaryIO, offset: int, size: int) -> None:
    new = struct.pack("<I", size)
    file.seek(offset)
    if file.read(len(new)) != new:
        file.seek(offset)
        file.write(new)


def _reserve_ds64(file: BinaryIO) -> None:
    """Move all chunks behind a ``JUNK`` chunk that ``ds64`` can replace.

    Blocks are moved from the end of the file to its beginning, each before it is overwritten.
    """
    gap = _CHUNK.pack(b"JUNK", _DS64.size) + bytes(_DS64.size)
    position = end = _end(file)
    while position > _AFTER_WAVE:
        size = min(_BLOCK, position - _AFTER_WAVE)
        position -= size
        file.seek(position)
        block = file.read(size)
        file.seek(position + len(gap))
        file.write(block)
    file.seek(_AFTER_WAVE)
    file.write(gap)
    file.seek(end + len(gap))


def _make_rf64(file: BinaryIO, data: _Chunk, size: int) -> None:
    """Turn a RIFF ``file`` into RF64 with ``size`` bytes of samples."""
    offset = data.offset
    file.seek(_AFTER_WAVE)
    name, room = _CHUNK.unpack(file.read(_CHUNK.size))
    if name not in (b"JUNK", b"ds64") or room < _DS64.size:
        _reserve_ds64(file)
        offset, room = offset + _CHUNK.size + _DS64.size, _DS64.size
    file.seek(0)
    file.write(_CHUNK.pack(b"RF64", _MAX_SIZE))
    riff_size = _end(file) - _CHUNK.size
    file.seek(_AFTER_WAVE)
    file.write(_CHUNK.pack(b"ds64", room) + _DS64.pack(riff_size, size, 0, 0))
    _set_size(file, offset - 4, _MAX_SIZE)


def _end(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)
