"""A sound of any length in pieces that the service takes, cut where nobody speaks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from stepcli.audio.signal import find_quietest
from stepcli.audio.track import LARGEST_AS_IS, Track
from stepcli.audio_types import PCM, Recording

LONGEST = 25.0
"""Minutes in a piece; the service takes about 30 (protocol.md §6)."""
_SEARCHED = 20.0
"""Seconds before the limit in which a pause is looked for, or a fifth of the limit if less."""
_OVERLAP = 5.0
"""Seconds that two pieces share where there is no pause, or a tenth of the limit if less."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What one request carries: ``start`` to ``end`` in seconds of the whole sound.

    Its first ``overlap`` seconds are in the piece before as well. ``digest`` names its contents.
    """

    start: float
    end: float
    overlap: float
    digest: str
    recording: Recording


def split_into_segments(track: Track, longest: float = 60 * LONGEST) -> Iterator[Segment]:
    """The pieces of ``track``, each at most ``longest`` seconds: the input as it is, if it can be.

    The sound is read once from beginning to end, as far as pieces are asked for; what is found to
    be wrong with it surfaces here, before the piece that has it.
    """
    whole = track.whole
    if whole and track.duration and track.duration <= longest and whole.size <= LARGEST_AS_IS:
        yield Segment(0.0, track.duration, 0.0, _digest(whole), whole)
    else:
        yield from _cut(track, longest)


def _digest(recording: Recording) -> str:
    digest = hashlib.sha256()
    for block in recording.open():
        digest.update(block)
    return digest.hexdigest()


def _cut(track: Track, longest: float) -> Iterator[Segment]:
    pcm = track.pcm
    searched = _bytes(pcm, min(_SEARCHED, longest / 5))
    unsearched = _bytes(pcm, longest) - searched
    reader = _Reader(track.part(0, None))
    start = overlap = 0
    while not reader.ended:
        digest = hashlib.sha256()
        size = reader.pour(unsearched, digest.update)
        window = reader.take(searched)
        kept, shared = (len(window), 0) if reader.ended else _place(window, pcm, longest)
        digest.update(memoryview(window)[:kept])
        end = start + size + kept
        yield _segment(track, start, end, overlap, digest.hexdigest())
        reader.put_back(memoryview(window)[kept - shared :])
        start, overlap = end - shared, shared


def _place(window: bytearray, pcm: PCM, longest: float) -> tuple[int, int]:
    """How much of ``window`` still belongs to the piece, and how much of that to the next too."""
    found = find_quietest(window, pcm)
    if found.is_pause:
        return found.frame * pcm.frame_bytes, 0
    return len(window), _bytes(pcm, min(_OVERLAP, longest / 10))


def _segment(track: Track, start: int, end: int, overlap: int, digest: str) -> Segment:
    pcm = track.pcm
    part = partial(track.part, start // pcm.frame_bytes, end // pcm.frame_bytes)
    seconds = [pcm.seconds(size) for size in (start, end, overlap)]
    return Segment(
        seconds[0], seconds[1], seconds[2], digest, Recording("pcm", end - start, part, pcm)
    )


def _bytes(pcm: PCM, seconds: float) -> int:
    return round(seconds * pcm.rate) * pcm.frame_bytes


class _Reader:
    """Blocks in other sizes, one block ahead, so that the end is known when it is reached."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._ready = b""
        self._fill()

    @property
    def ended(self) -> bool:
        return not self._ready

    def pour(self, size: int, into: Callable[[bytes], object]) -> int:
        """Hands on the next ``size`` bytes, fewer at the end; says how many."""
        left = size
        while left and self._ready:
            block, self._ready = self._ready[:left], self._ready[left:]
            self._fill()
            into(block)
            left -= len(block)
        return size - left

    def take(self, size: int) -> bytearray:
        taken = bytearray()
        self.pour(size, taken.extend)
        return taken

    def put_back(self, data: memoryview) -> None:
        self._ready = b"".join((data, self._ready))

    def _fill(self) -> None:
        while not self._ready and (block := next(self._blocks, None)) is not None:
            self._ready = block
