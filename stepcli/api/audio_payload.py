"""Audio in answers: the base64 reader, and the check that the bytes are audio of the right format.

A 200 answer need not be audio: gateways send JSON, HTML or a single byte under an audio media
type. The first bytes decide, and a WAV header also says how much must follow.
"""

from __future__ import annotations

import re
import struct
from base64 import b64decode
from collections.abc import Iterable, Iterator

from stepcli.audio_types import SAMPLE_BYTES, SIGNATURE_BYTES, AudioFormat, looks_like

_WHITESPACE = re.compile(r"[ \t\r\n]+")
_HEAD_BYTES = max(512, SIGNATURE_BYTES)
_UNKNOWN_LENGTH = 0x7FFF0000
"""From here on, the length in a WAV header is a placeholder of an encoder that could not seek."""

_CONTAINERS = [one for one in AudioFormat if one is not AudioFormat.PCM]
_BEGINNINGS = {b"{": "JSON", b"[": "JSON", b"<": "HTML"}


class InvalidAudio(ValueError):
    """Bytes that are not audio of the expected format; the message says what they are."""


class TruncatedAudio(InvalidAudio):
    """Audio that is missing or ends too early."""


def decode_base64(value: object) -> bytes:
    """Return the bytes of the base64 string `value`, ignoring line breaks and spaces in it.

    Raise ValueError if `value` is not a string or not base64.
    """
    if not isinstance(value, str):
        raise ValueError("not a string")
    try:
        return b64decode(value, validate=True)
    except ValueError:
        return b64decode(_WHITESPACE.sub("", value), validate=True)


class AudioValidator:
    """Checks the audio of one answer while it arrives.

    `format` is the one that was requested, None for any container. Call `feed` with every block and
    `finish` at the end; both raise InvalidAudio. `decided` tells whether the beginning was checked.
    """

    def __init__(self, format: AudioFormat | None) -> None:
        self._format = format
        self._head = bytearray()
        self._size = 0
        self.decided = False

    def feed(self, data: bytes) -> None:
        self._size += len(data)
        if len(self._head) < _HEAD_BYTES:
            self._head += data[: _HEAD_BYTES - len(self._head)]
        if self.decided:
            return
        if len(self._head) >= SIGNATURE_BYTES or self._begins_as_text():
            self._decide(None)

    def finish(self) -> None:
        """Check what only the end can show: that there is audio, and all of it."""
        if not self._size:
            raise TruncatedAudio("no audio")
        if not self.decided:
            self._decide(self._size)
        if self._format is AudioFormat.PCM and not looks_like(
            self._format, bytes(self._head[:SIGNATURE_BYTES]), self._size
        ):
            raise TruncatedAudio("PCM that ends within a sample")
        missing = (_wav_length(bytes(self._head)) or 0) - self._size
        if missing > 0:
            raise TruncatedAudio(f"a WAV file without its last {missing:,} bytes")

    def _begins_as_text(self) -> bool:
        return bytes(self._head.lstrip()[:1]) in _BEGINNINGS and _is_text(bytes(self._head))

    def _decide(self, size: int | None) -> None:
        head = bytes(self._head[:SIGNATURE_BYTES])
        wanted = [self._format] if self._format else _CONTAINERS
        if not any(looks_like(format, head, size) for format in wanted):
            found = next((one.value for one in _CONTAINERS if looks_like(one, head)), None)
            raise InvalidAudio(f"{found or _described(head)} instead of {self._format or 'audio'}")
        self.decided = True


def validated(
    blocks: Iterable[bytes], format: AudioFormat | None, held: bytearray | None = None
) -> Iterator[bytes]:
    """Yield `blocks`, the first ones once they are known to be audio.

    Raise InvalidAudio if they are not; `held` then contains what was not yielded.
    """
    validator = AudioValidator(format)
    held = bytearray() if held is None else held
    for block in blocks:
        held += block
        validator.feed(block)
        if validator.decided:
            yield bytes(held)
            held.clear()
    validator.finish()
    if held:
        yield bytes(held)
        held.clear()


def is_text(data: bytes) -> bool:
    """Return whether `data`, from any place in an audio stream, is JSON or HTML as a whole.

    A few bytes in the middle of compressed audio may happen to be printable.
    """
    if data.lstrip()[:1] not in _BEGINNINGS or not _is_text(data[:SIGNATURE_BYTES]):
        return False
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n" for character in text)


def _is_text(head: bytes) -> bool:
    """Return whether `head` could be neither samples nor a container."""
    formats = (AudioFormat.PCM, *_CONTAINERS)
    return len(head) >= SAMPLE_BYTES and not any(looks_like(one, head) for one in formats)


def _described(head: bytes) -> str:
    return _BEGINNINGS.get(head.lstrip()[:1], "unrecognized data")


def _wav_length(head: bytes) -> int | None:
    """Return the bytes up to the end of the samples that a RIFF header announces, if it does."""
    if not (head.startswith(b"RIFF") and head[8:12] == b"WAVE"):
        return None
    position = 12
    while position + 8 <= len(head):
        name, size = struct.unpack_from("<4sI", head, position)
        position += 8
        if name == b"data":
            return position + size if size < _UNKNOWN_LENGTH else None
        position += size + size % 2
    return None
