"""What is read of an audio file: all of it, or an excerpt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stepcli.audio.sample_cache import slice_blocks
from stepcli.audio_types import PCM
from stepcli.errors import UsageError


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a recording: from ``start`` to ``end`` in seconds; None stands for its end.

    Of several channels, it has the mean, or the one of number ``channel``, counted from 0.
    """

    start: float = 0.0
    end: float | None = None
    channel: int | None = None

    @property
    def is_whole(self) -> bool:
        return self == WHOLE

    def span(self, pcm: PCM, skipped: float = 0.0) -> tuple[int, int | None]:
        """Return the first byte and the end in samples that begin after ``skipped`` seconds."""
        end = None if self.end is None else pcm.size(self.end - skipped)
        return pcm.size(self.start - skipped), end

    def duration(self, total: float | None, name: str) -> float | None:
        """Return the duration in seconds in a recording of ``total`` seconds, None if unknown.

        Raises UsageError if the recording called ``name`` ends before ``start``.
        """
        if total is None:
            return None
        if self.start >= total > 0:
            raise UsageError(f"{name} is only {total:.2f} s long; nothing is left {self}")
        return min(total, total if self.end is None else self.end) - self.start

    def cut(
        self, blocks: Iterator[bytes], pcm: PCM, name: str, skipped: float = 0.0
    ) -> Iterator[bytes]:
        """Yield the excerpt of samples that begin after ``skipped`` seconds.

        Raises UsageError if the recording called ``name`` ends before ``start``.
        """
        if self.is_whole:
            yield from blocks
            return
        empty = True
        for block in slice_blocks(blocks, *self.span(pcm, skipped)):
            empty = False
            yield block
        if empty:
            raise UsageError(f"nothing is left of {name} {self}")

    def __str__(self) -> str:
        return f"from {self.start:g} s on"


WHOLE = Excerpt()


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A file, of which the ``excerpt`` is read as mono audio at ``rate`` Hz, None for its own rate.

    ``name`` is what errors call the file. ``raw`` is the shape of a file of raw samples;
    ``container`` is what the first bytes of any other are the signature of, if anything.
    """

    path: Path
    name: str
    raw: PCM | None = None
    rate: int | None = None
    excerpt: Excerpt = WHOLE
    container: str | None = None
