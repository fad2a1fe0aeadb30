"""MP3 frame by frame (ISO 11172-3, 13818-3): the byte range of the audio, and its duration.

libsndfile trusts the Xing tag in the first frame; without one, it assumes the bitrate of that frame
for the whole file. It would therefore read only a part of a file with variable bitrate, or report a
wrong length. It reads only the first of several concatenated files, and fails at anything between
frames.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, BinaryIO, NamedTuple

_HEADER = 4
_ID3_HEADER = 10
_BLOCK = 1 << 16
_KBITS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""The bitrates 1 to 14 of MPEG 1 and of MPEG 2."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_SURE = 3
"""Consecutive frames that cannot be a coincidence."""
_MOST = 0.99
_ENDLESS = 1 << 40


class _Kind(NamedTuple):
    """The properties that all frames share; ``samples`` is per channel."""

    rate: int
    samples: int
    mono: bool


class _Run(NamedTuple):
    """Contiguous frames of one kind, from ``start`` to ``end`` in bytes."""

    kind: _Kind
    start: int
    end: int
    frames: int


@dataclass(frozen=True, slots=True)
class Mp3:
    """The frames of a file. ``tag`` is the offset of its Xing tag, ``promised`` its frame count.

    ``size`` is in bytes, from the first frame to the end of the file.
    """

    runs: Sequence[_Run]
    size: int
    tag: range = range(0)
    promised: int | None = None

    @property
    def frames(self) -> int:
        """The number of audio frames; the tag has a frame of its own."""
        return sum(run.frames for run in self.runs) - bool(self.tag)

    @property
    def is_truncated(self) -> bool:
        return self.promised is not None and self.frames < self.promised - 1

    @property
    def is_mixed(self) -> bool:
        """Whether the sample rate or the channels change, which libsndfile cannot read."""
        return len({run.kind for run in self.runs}) > 1

    @property
    def has_true_tag(self) -> bool:
        """Whether the tag is correct, so that libsndfile can read the file unchanged.

        libmpg123 prints warnings about most data after the frames, such as a picture.
        """
        told = self.promised is not None and abs(self.frames - self.promised) <= 1
        return told and sum(run.end - run.start for run in self.runs) > _MOST * self.size

    @property
    def duration(self) -> float:
        """The duration in seconds, including about 50 ms of encoder padding."""
        kind = self.runs[0].kind
        return self.frames * kind.samples / kind.rate


def read_mp3(file: BinaryIO) -> Mp3 | None:
    """Return the layer III frames in ``file``; None if there are none."""
    runs = list(_runs(file))
    if not runs:
        return None
    begin = runs[0].start
    size = file.seek(0, os.SEEK_END) - begin
    file.seek(begin)
    first = file.read(_HEADER + 32 + 12)
    place = max(first.find(b"Xing"), first.find(b"Info"))
    if place < 0:
        return Mp3(runs, size)
    tells = first[place + 7] & 1
    promised = int.from_bytes(first[place + 8 : place + 12], "big") if tells else None
    return Mp3(runs, size, range(begin + place, begin + place + 4), promised)


def _runs(file: BinaryIO) -> Iterator[_Run]:
    position = _after_id3(file)
    while (start := _next_sync(file, position)) is not None:
        run = _run(file, start)
        if run.frames >= _SURE:
            yield run
        position = max(run.end, start + 1)


def _after_id3(file: BinaryIO) -> int:
    """Return the end of an ID3 tag at the start, whose size is stored in four times seven bits."""
    file.seek(0)
    head = file.read(_ID3_HEADER)
    if head[:3] != b"ID3" or len(head) < _ID3_HEADER:
        return 0
    size = 0
    for byte in head[6:]:
        size = size << 7 | byte & 0x7F
    return _ID3_HEADER + size


def _next_sync(file: BinaryIO, position: int) -> int | None:
    """Return the next possible start of a frame at or after ``position``."""
    while True:
        file.seek(position)
        block = file.read(_BLOCK)
        place = block.find(0xFF)
        while place >= 0:
            if _frame(block[place : place + _HEADER]):
                return position + place
            place = block.find(0xFF, place + 1)
        if len(block) < _BLOCK:
            return None
        position += len(block) - _HEADER + 1


def _run(file: BinaryIO, start: int) -> _Run:
    """Return the contiguous frames from ``start``; one truncated by the end of the file counts."""
    file.seek(start)
    first = _frame(file.read(_HEADER))
    assert first is not None
    kind, position, frames = first[1], start, 0
    frame: tuple[int, _Kind] | None = first
    while frame and frame[1] == kind:
        position, frames = position + frame[0], frames + 1
        file.seek(position)
        frame = _frame(file.read(_HEADER))
    return _Run(kind, start, min(position, file.seek(0, os.SEEK_END)), frames)


@lru_cache(maxsize=1024)
def _frame(head: bytes) -> tuple[int, _Kind] | None:
    """Return the size in bytes and the kind of the frame with this four-byte header."""
    if len(head) < _HEADER or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in _RATES or bitrate in (0, 15) or rate == 3:
        return None
    hertz, scale = _RATES[version][rate], 1 if version == 3 else 2
    size = 144000 // scale * _KBITS[scale][bitrate - 1] // hertz + (head[2] >> 1 & 1)
    return size, _Kind(hertz, 1152 // scale, head[3] >> 6 == 3)


class Mp3File:
    """The frames alone, as a file without an end whose Xing tag has no name.

    A decoder reads a tag without a name as a frame of silence.
    """

    def __init__(self, file: BinaryIO, mp3: Mp3) -> None:
        self._file = file
        self._runs = mp3.runs
        self._hidden = mp3.tag
        self._begins = list(accumulate((run.end - run.start for run in mp3.runs), initial=0))
        self._place = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        end = self._begins[-1] if offset else _ENDLESS
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: end}[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        number = bisect_right(self._begins, self._place) - 1
        if number == len(self._runs):
            return 0
        run = self._runs[number]
        place = run.start + self._place - self._begins[number]
        self._file.seek(place)
        data = self._file.read(min(len(buffer), run.end - place))
        buffer[: len(data)] = data
        for hidden in self._hidden:
            if place <= hidden < place + len(data):
                buffer[hidden - place] = b"\0"
        self._place += len(data)
        return len(data)
