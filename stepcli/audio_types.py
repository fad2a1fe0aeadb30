"""Types and constants about audio that ``api``, ``audio`` and ``tasks`` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

SAMPLE_BYTES = 2
"""Bytes of one s16le sample of one channel."""

SIGNATURE_BYTES = 64
"""How many bytes from the beginning ``looks_like`` needs, unless the data is shorter."""


class AudioFormat(StrEnum):
    """The formats in which the service returns speech."""

    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OPUS = "opus"
    PCM = "pcm"


AUDIO_EXTENSIONS = {
    ".mp3": AudioFormat.MP3,
    ".wav": AudioFormat.WAV,
    ".flac": AudioFormat.FLAC,
    ".opus": AudioFormat.OPUS,
    ".ogg": AudioFormat.OPUS,
    ".pcm": AudioFormat.PCM,
    ".raw": AudioFormat.PCM,
}
"""The format that each extension of a file name stands for."""


class UploadFormat(StrEnum):
    """In which form audio is sent to be recognized.

    ``auto`` sends MP3, or the input itself if the MP3 would not be smaller; ``pcm`` sends samples;
    ``as-is`` sends the input itself, or MP3 if the service does not accept it.
    """

    AUTO = "auto"
    MP3 = "mp3"
    PCM = "pcm"
    AS_IS = "as-is"


@dataclass(frozen=True, slots=True)
class PCM:
    """The shape of raw samples: signed 16-bit little-endian, interleaved, ``rate`` in Hz."""

    rate: int
    channels: int = 1

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return SAMPLE_BYTES * self.channels

    def seconds(self, size: int) -> float:
        """Return the duration of ``size`` bytes in seconds."""
        return size / (self.frame_bytes * self.rate)

    def size(self, seconds: float) -> int:
        """Return the bytes of the whole frames that ``seconds`` take."""
        return round(seconds * self.rate) * self.frame_bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """Audio to upload: a wav, mp3, ogg or m4a file as it is, or raw ``pcm`` samples.

    ``size`` is in bytes. ``open`` returns them from the beginning each time it is called, in blocks
    of any length. ``pcm`` is the shape of raw samples, None for a container.
    """

    container: str
    size: int
    open: Callable[[], Iterator[bytes]]
    pcm: PCM | None = None


class Sink(Protocol):
    """Receives audio as it arrives. ``close`` completes the output; ``abort`` discards it."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


def looks_like(format: AudioFormat, head: bytes, size: int | None = None) -> bool:
    """Return whether ``head`` may be the beginning of audio in ``format``.

    ``head`` is the first SIGNATURE_BYTES, or all of the data if there are fewer; ``size`` is the
    total length in bytes where it is known. Compressed audio must begin with the signature of its
    format. PCM has none: it must not be text (JSON, HTML, a message), nor begin with the signature
    of another format, and a known ``size`` must be a positive number of whole samples.
    """
    if format is AudioFormat.PCM:
        return _may_be_pcm(head) and (size is None or _is_whole_samples(size))
    return _signature(head) is format


def is_mpeg_audio_header(head: bytes) -> bool:
    """Return whether ``head`` begins with the header of a frame of MPEG audio layer III.

    That is eleven set bits, and a version, bitrate and sample rate that exist (ISO 11172-3).
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and bitrate != 15 and rate != 3


def _signature(head: bytes) -> AudioFormat | None:
    """Return the format whose signature ``head`` begins with."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return AudioFormat.WAV
    if head[:4] == b"fLaC":
        return AudioFormat.FLAC
    if head[:4] == b"OggS":
        return AudioFormat.OPUS
    if head[:3] == b"ID3" or is_mpeg_audio_header(head):
        return AudioFormat.MP3
    return None


def _may_be_pcm(head: bytes) -> bool:
    # Four bytes that happen to be the header of an MP3 frame are common in PCM; "ID3" is not.
    by_chance = is_mpeg_audio_header(head)
    return len(head) >= SAMPLE_BYTES and not is_text(head) and (by_chance or not _signature(head))


def _is_whole_samples(size: int) -> bool:
    return size > 0 and size % SAMPLE_BYTES == 0


def is_text(head: bytes) -> bool:
    """Return whether ``head`` is printable UTF-8, of which a character may be cut at its end."""
    for cut in range(min(4, len(head))):
        try:
            text = head[: len(head) - cut].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        return all(character.isprintable() or character in "\t\r\n" for character in text)
    return False
