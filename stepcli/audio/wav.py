"""WAV headers: the true one, and the one that says "length unknown" (RIFF, WAVE_FORMAT_PCM)."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from stepcli.sound import PCM, SAMPLE_BYTES

UNKNOWN = 0x7FFFF000
"""The size that sox writes to a pipe and reads without complaint; ffmpeg and aplay take it too."""
_LARGEST = 0xFFFFFFFF
_BEFORE_DATA = 36
_CHUNK = struct.Struct("<4sI")


def header(pcm: PCM, size: int | None = None) -> bytes:
    """The 44 bytes before ``size`` bytes of samples; None for a stream whose end is not known."""
    data = UNKNOWN if size is None or size + _BEFORE_DATA > _LARGEST else size
    fmt = struct.pack(
        "<HHIIHH",
        1, pcm.channels, pcm.rate, pcm.rate * pcm.frame_bytes, pcm.frame_bytes, 8 * SAMPLE_BYTES,
    )  # fmt: skip
    return (
        _CHUNK.pack(b"RIFF", data + _BEFORE_DATA) + b"WAVE" + _CHUNK.pack(b"fmt ", len(fmt)) + fmt
        + _CHUNK.pack(b"data", data)
    )  # fmt: skip


def mend(file: BinaryIO) -> None:
    """Make the sizes in a complete WAV ``file`` true where they are not; touch nothing else."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(12)
    if start[:4] != b"RIFF" or start[8:] != b"WAVE":
        return
    found = _find_data(file, end)
    if found is not None:
        _correct(file, found - 4, end - found)
    if start[4:8] != struct.pack("<I", min(end - 8, _LARGEST)):
        _correct(file, 4, end - 8)


def _find_data(file: BinaryIO, end: int) -> int | None:
    """Where the samples begin if the ``data`` chunk does not know its length, else None."""
    position = 12
    while position + _CHUNK.size <= end:
        file.seek(position)
        name, size = _CHUNK.unpack(file.read(_CHUNK.size))
        position += _CHUNK.size
        if name == b"data":
            return position if size == 0 or position + size > end else None
        position += size + size % 2
    return None


def _correct(file: BinaryIO, offset: int, size: int) -> None:
    file.seek(offset)
    file.write(struct.pack("<I", min(size, _LARGEST)))
