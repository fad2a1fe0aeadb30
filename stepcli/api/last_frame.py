"""Leave out the audio that the last frame of a realtime session repeats.

The frame grows with the session and often arrives as one piece (PROTOCOL.md, section 4), which
websockets would hold several times. It is recognized by its beginning, before the rest arrives.
"""

from __future__ import annotations

import re
import struct

LARGEST_PASSED = 64 * 1024
"""Bytes of a last frame that is passed on as it is."""

LARGEST_EXPECTED = 1 << 30
"""Bytes that a last frame can have; larger frames are passed on, to be refused at once."""

_HEAD_BYTES = 512
"""Bytes of a message in which its type is searched."""

_TYPE = re.compile(rb'"type"\s*:\s*"tts\.response\.audio\.(delta|done)"')
_MESSAGE = b'{"type":"tts.response.audio.done","data":{}}'
_REPLACEMENT = bytes([0x81, len(_MESSAGE)]) + _MESSAGE

_TEXT = 1
_FINAL = 0x80
_MASKED = 0x80


class LastFrameFilter:
    """Filters the bytes that a WebSocket server sends after the handshake, in flat memory.

    The last frame of a session is replaced by one without audio if it is large and audio arrived
    before it; nothing after it is passed on. All other frames pass unchanged.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._passing = 0
        self._audio_received = False
        self._ended = False

    def feed(self, data: bytes) -> bytes:
        """Return the bytes to be passed on now that `data` has arrived."""
        if self._ended:
            return b""
        self._held += data
        passed = bytearray()
        while self._passing or self._begin_frame():
            if self._ended:
                self._held.clear()
                return bytes(passed + _REPLACEMENT)
            block = self._held[: self._passing]
            if not block:
                break
            del self._held[: len(block)]
            self._passing -= len(block)
            passed += block
        return bytes(passed)

    def _begin_frame(self) -> bool:
        """Read the beginning of a frame and decide about it; return False if it is incomplete."""
        header = _header(self._held)
        if header is None:
            return False
        size, length = header
        is_text = self._held[0] & 0x0F == _TEXT and not self._held[1] & _MASKED
        if is_text and length <= LARGEST_EXPECTED:
            if len(self._held) < size + min(length, _HEAD_BYTES):
                return False
            self._inspect(bytes(self._held[size : size + min(length, _HEAD_BYTES)]), length)
        self._passing = size + length
        return True

    def _inspect(self, head: bytes, length: int) -> None:
        found = _TYPE.search(head)
        if found is None:
            return
        is_fragment = not self._held[0] & _FINAL
        if found[1] == b"delta":
            self._audio_received = self._audio_received or length >= _HEAD_BYTES
        elif self._audio_received and (is_fragment or length > LARGEST_PASSED):
            self._ended = True


def _header(data: bytearray) -> tuple[int, int] | None:
    """Return the sizes of a frame's header, without a mask, and of its payload, once known."""
    if len(data) < 2:
        return None
    length = data[1] & 0x7F
    if length < 126:
        return 2, length
    size, layout = (4, ">H") if length == 126 else (10, ">Q")
    if len(data) < size:
        return None
    return size, struct.unpack_from(layout, data, 2)[0]
