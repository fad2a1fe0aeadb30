"""Plain 16-bit samples in a file: nothing to decode, every part is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stepcli.audio import wav
from stepcli.audio.blocks import file_blocks
from stepcli.audio.phases import LISTENED, cancel
from stepcli.audio.track import truncated, without_sound
from stepcli.sound import PCM, Recording

_SENDABLE = (8000, 16000, 24000)
"""Rates in Hz at which mono samples may be cut and sent; other shapes are converted first."""
_USUAL = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Rates in Hz at which raw samples of one or two channels are sent as they are."""


@dataclass(frozen=True, slots=True)
class Samples:
    """``size`` bytes of samples in a file, from ``offset`` on."""

    path: Path
    pcm: PCM
    offset: int
    size: int

    @property
    def sendable(self) -> bool:
        return self.pcm.channels == 1 and self.pcm.rate in _SENDABLE

    @property
    def duration(self) -> float:
        return self.pcm.seconds(self.size)

    def are_opposed(self) -> bool:
        """Whether there are two channels that cancel each other."""
        beginning = self.part(0, LISTENED * self.pcm.rate)
        return self.pcm.channels == 2 and cancel(b"".join(beginning))

    def part(self, start: int, stop: int | None) -> Iterator[bytes]:
        first = start * self.pcm.frame_bytes
        last = self.size if stop is None else min(self.size, stop * self.pcm.frame_bytes)
        return file_blocks(self.path, self.offset + first, max(0, last - first))

    def recording(self) -> Recording | None:
        """The samples as they are; None for a shape that nobody can be expected to take."""
        if self.pcm.channels > 2 or self.pcm.rate not in _USUAL:
            return None
        return Recording("pcm", self.size, lambda: self.part(0, None), self.pcm)


def raw_samples(path: Path, name: str, pcm: PCM) -> Samples:
    """A file of nothing but samples; a torn frame at its end is left out.

    Raises UsageError for less than one frame.
    """
    return _checked(Samples(path, pcm, 0, path.stat().st_size), name)


def wav_samples(path: Path, name: str) -> tuple[Samples, Recording | None] | None:
    """The samples of a WAV file and how to send it as it is, if that can be.

    None for other than 16-bit samples.

    Raises UsageError where it holds no sound, or less than its header says.
    """
    with path.open("rb") as file:
        found = wav.layout(file)
    if found is None:
        return None
    if found.missing:
        raise truncated(name)
    samples = _checked(Samples(path, found.pcm, found.offset, found.size), name)
    if not found.truthful:
        return samples, samples.recording()
    return samples, Recording("wav", path.stat().st_size, partial(file_blocks, path))


def _checked(samples: Samples, name: str) -> Samples:
    size = samples.size - samples.size % samples.pcm.frame_bytes
    if size == 0:
        raise without_sound(name)
    return Samples(samples.path, samples.pcm, samples.offset, size)
