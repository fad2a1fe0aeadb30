"""The words that ``api``, ``audio`` and ``tasks`` share about sound. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Protocol

SAMPLE_BYTES = 2


class AudioFormat(StrEnum):
    """The formats the service can answer in (protocol.md §3)."""

    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OPUS = "opus"
    PCM = "pcm"

    @classmethod
    def of_name(cls, name: str) -> AudioFormat | None:
        """The format that a file's extension asks for, or None where it names none of ours."""
        return _EXTENSIONS.get(PurePath(name).suffix.lower())


_EXTENSIONS = {
    ".mp3": AudioFormat.MP3,
    ".wav": AudioFormat.WAV,
    ".flac": AudioFormat.FLAC,
    ".opus": AudioFormat.OPUS,
    ".ogg": AudioFormat.OPUS,
    ".pcm": AudioFormat.PCM,
    ".raw": AudioFormat.PCM,
}


@dataclass(frozen=True, slots=True)
class PCM:
    """The shape of a stream of raw samples: signed 16-bit little-endian, interleaved."""

    rate: int
    channels: int = 1

    @property
    def frame_bytes(self) -> int:
        return SAMPLE_BYTES * self.channels

    def seconds(self, size: int) -> float:
        """How long ``size`` bytes last."""
        return size / (self.frame_bytes * self.rate)


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound to send: ``wav``, ``mp3`` or ``ogg`` as it is, or raw ``pcm`` samples.

    ``size`` is in bytes; ``open`` gives them from the start, in blocks of any length, each time it
    is called. ``pcm`` is the shape of raw samples, None for a container.
    """

    container: str
    size: int
    open: Callable[[], Iterator[bytes]]
    pcm: PCM | None = None


class Sink(Protocol):
    """Takes sound as it comes. ``close`` completes it; ``abort`` gives up, leaving nothing."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


class Source(Protocol):
    """Gives PCM in blocks until it ends."""

    @property
    def pcm(self) -> PCM: ...

    def __iter__(self) -> Iterator[bytes]: ...
