"""Find the frames of MP3 files (ISO 11172-3, 13818-3), and when their sound begins and ends.

libsndfile goes by the Xing tag in the first frame. Without a tag it takes the bitrate of the first
frame for that of all frames, so that it reads a part of a file of variable bitrate, or reports more
than there is. Of joined files it reads the first one, and it fails on bytes between frames.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

HEADER = 4
_ID3_HEADER = 10
_BLOCK = 1 << 16
_KBITS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""The bitrates that the indexes 1 to 14 stand for, in MPEG-1 and in MPEG-2."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MIN_FRAMES = 3
"""Consecutive frames that count as audio: fewer may look like frames by chance."""
_MOSTLY_FRAMES = 0.99
_ENDLESS = 1 << 40
"""The size that ``Mp3File`` reports, so that libsndfile does not derive a duration from it."""


class _Kind(NamedTuple):
    """The properties that consecutive frames share; ``samples`` is the number per channel."""

    rate: int
    samples: int
    mono: bool


class _Run(NamedTuple):
    """Consecutive frames of one kind, from byte ``start`` to ``end`` of the file."""

    kind: _Kind
    start: int
    end: int
    frames: int


@dataclass(frozen=True, slots=True)
class Mp3:
    """The frames of a file, which is ``size`` bytes long from its first frame on.

    ``tag`` is where the name of its Xing tag is, ``promised`` the number of frames that it states.
    """

    runs: Sequence[_Run]
    size: int
    tag: range = range(0)
    promised: int | None = None

    @property
    def frames(self) -> int:
        """The number of frames with audio; the tag takes up one of its own."""
        return sum(run.frames for run in self.runs) - bool(self.tag)

    @property
    def is_truncated(self) -> bool:
        """Whether there are fewer frames than the tag states."""
        return self.promised is not None and self.frames < self.promised - 1

    @property
    def is_mixed(self) -> bool:
        """Whether rate or channels change, which libsndfile cannot decode."""
        return len({run.kind for run in self.runs}) > 1

    @property
    def has_true_tag(self) -> bool:
        """Whether the tag is right and libsndfile can decode the file as it is.

        libmpg123 prints to stderr if much follows the frames, such as a picture.
        """
        return (
            self._tag_is_right
            and sum(run.end - run.start for run in self.runs) > _MOSTLY_FRAMES * self.size
        )

    @property
    def has_wrong_tag(self) -> bool:
        """Whether the tag states another number of frames, as that of a joined file does."""
        return self.promised is not None and not self._tag_is_right

    @property
    def _tag_is_right(self) -> bool:
        return self.promised is not None and abs(self.frames - self.promised) <= 1

    @property
    def duration(self) -> float:
        """Seconds, including the padding that the encoder added at both ends, some 50 ms."""
        kind = self.runs[0].kind
        return self.frames * kind.samples / kind.rate


def read_mp3(file: BinaryIO) -> Mp3 | None:
    """Return the frames of layer III in ``file``, None if there are none."""
    runs = list(_runs(file))
    if not runs:
        return None
    begin = runs[0].start
    size = file.seek(0, os.SEEK_END) - begin
    file.seek(begin)
    first = file.read(HEADER + 32 + 12)
    place = max(first.find(b"Xing"), first.find(b"Info"))
    if place < 0:
        return Mp3(runs, size)
    has_count = first[place + 7] & 1
    promised = int.from_bytes(first[place + 8 : place + 12], "big") if has_count else None
    return Mp3(runs, size, range(begin + place, begin + place + 4), promised)


_STREAM_DELAY = 576 + 529
"""Samples of silence before the sound of a stream: those of LAME, and those of any decoder.

https://lame.sourceforge.io/tech-FAQ.txt, "Why is a decoded MP3 longer than the original .wav file?"
"""
_STATING_DELAY = (b"LAME", b"Lavf", b"Lavc")


def stream_delay(rate: int) -> float:
    """Return the seconds of silence before the sound of a stream that libsndfile encodes.

    An encoder that cannot seek leaves an empty frame in the place of the tag.
    """
    return (_STREAM_DELAY + (1152 if rate >= 32000 else 576)) / rate


def delay(path: Path) -> float:
    """Return the seconds of silence before the sound of a file as it is played."""
    with path.open("rb") as file:
        file.seek(_after_id3(file))
        head = file.read(HEADER)
        frame = parse_frame(head)
        return decoding_delay(head + file.read(frame[0] - HEADER)) if frame else 0.0


def decoding_delay(first: bytes) -> float:
    """Return the seconds of silence before the sound whose first frame is `first`, as it is played.

    Decoders skip the silence if a tag states its length.
    """
    frame, body = parse_frame(first[:HEADER]), first[HEADER:]
    has_tag = b"Xing" in body or b"Info" in body
    if frame is None or (has_tag and any(name in body for name in _STATING_DELAY)):
        return 0.0
    _, kind = frame
    return (_STREAM_DELAY + (0 if any(body) else kind.samples)) / kind.rate


def _runs(file: BinaryIO) -> Iterator[_Run]:
    position = _after_id3(file)
    while (start := _next_sync(file, position)) is not None:
        run = _run(file, start)
        if run.frames >= _MIN_FRAMES:
            yield run
        position = max(run.end, start + 1)


def _after_id3(file: BinaryIO) -> int:
    """Return where the ID3 tag at the beginning ends; its size is stored in 4 times 7 bits."""
    file.seek(0)
    head = file.read(_ID3_HEADER)
    if head[:3] != b"ID3" or len(head) < _ID3_HEADER:
        return 0
    size = 0
    for byte in head[6:]:
        size = size << 7 | byte & 0x7F
    return _ID3_HEADER + size


def _next_sync(file: BinaryIO, position: int) -> int | None:
    """Return where the next frame may begin, from ``position`` on."""
    while True:
        file.seek(position)
        block = file.read(_BLOCK)
        place = block.find(0xFF)
        while place >= 0:
            if parse_frame(block[place : place + HEADER]):
                return position + place
            place = block.find(0xFF, place + 1)
        if len(block) < _BLOCK:
            return None
        position += len(block) - HEADER + 1


def _run(file: BinaryIO, start: int) -> _Run:
    """Return the consecutive frames from ``start`` on, with one that the end of the file cuts."""
    file.seek(start)
    first = parse_frame(file.read(HEADER))
    assert first is not None
    kind, position, frames = first[1], start, 0
    frame: tuple[int, _Kind] | None = first
    while frame and frame[1] == kind:
        position, frames = position + frame[0], frames + 1
        file.seek(position)
        frame = parse_frame(file.read(HEADER))
    return _Run(kind, start, min(position, file.seek(0, os.SEEK_END)), frames)


@lru_cache(maxsize=1024)
def parse_frame(head: bytes) -> tuple[int, _Kind] | None:
    """Return the size in bytes and the kind of the frame with the header ``head``.

    The frames of a file have few different headers: with the cache, one takes 0.06 of 0.5 µs.
    """
    if len(head) < HEADER or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in _RATES or bitrate in (0, 15) or rate == 3:
        return None
    hertz, scale = _RATES[version][rate], 1 if version == 3 else 2
    size = 144000 // scale * _KBITS[scale][bitrate - 1] // hertz + (head[2] >> 1 & 1)
    return size, _Kind(hertz, 1152 // scale, head[3] >> 6 == 3)


class Mp3File:
    """The frames of a file as one file, without a known end and without its Xing tag.

    The name of the tag is blanked out; to a decoder the rest is a frame of silence.
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
