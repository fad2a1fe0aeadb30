"""Measure the length of MP3 and Ogg Opus streams while they arrive, without decoding them."""

from __future__ import annotations

import struct

from stepcli.audio.mp3 import HEADER, decoding_delay, parse_frame

_PAGE = struct.Struct("<4sBBqIIIB")
"""The header of an Ogg page before its segment table (RFC 3533, section 6)."""
_BEGINNING = 2
_OPUS_RATE = 48000
_PRE_SKIP = slice(10, 12)
"""Where the Opus header states how many samples to skip (RFC 7845, section 5.1)."""


class Mp3Length:
    """`seconds` is the length of the frames that have begun, less the `delay` before the sound."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.delay = 0.0
        self._is_at_start = True
        self._held = bytearray()
        self._skip = 0

    def feed(self, data: bytes) -> None:
        """Take the next data of the stream."""
        self._held += data
        position = self._skip
        while position + HEADER <= len(self._held):
            frame = parse_frame(bytes(self._held[position : position + HEADER]))
            if frame is None:
                position += 1
                continue
            size, kind = frame
            if self._is_at_start:
                first = bytes(self._held[position : position + size])
                if len(first) < size:
                    break
                self._is_at_start = False
                self.delay = decoding_delay(first)
                self.seconds = -self.delay
            self.seconds += kind.samples / kind.rate
            position += size
        self._skip = max(0, position - len(self._held))
        del self._held[:position]


class OggOpusLength:
    """`seconds` is the length of the complete pages so far, over all chained streams.

    Decoders skip the `delay` before the sound, which the header states.
    """

    delay = 0.0

    def __init__(self) -> None:
        self.seconds = 0.0
        self._held = bytearray()
        self._before = 0.0
        self._pre_skip = 0

    def feed(self, data: bytes) -> None:
        """Take the next data of the stream."""
        self._held += data
        while (end := self._page_end()) is not None:
            self._measure(bytes(self._held[:end]))
            del self._held[:end]

    def _page_end(self) -> int | None:
        """Return the size of the page at the beginning, None until it is complete."""
        start = self._held.find(b"OggS")
        del self._held[: start if start >= 0 else max(0, len(self._held) - 3)]
        if len(self._held) < _PAGE.size:
            return None
        segments = self._held[_PAGE.size : _PAGE.size + self._held[_PAGE.size - 1]]
        end = _PAGE.size + self._held[_PAGE.size - 1] + sum(segments)
        return end if len(self._held) >= end else None

    def _measure(self, page: bytes) -> None:
        _, _, flags, granule, *_, segments = _PAGE.unpack_from(page)
        if flags & _BEGINNING:
            header = page[_PAGE.size + segments :]
            self._before = self.seconds
            self._pre_skip = int.from_bytes(header[_PRE_SKIP], "little")
        elif granule > self._pre_skip:
            self.seconds = self._before + (granule - self._pre_skip) / _OPUS_RATE
