"""Split audio of any length into segments that one request can carry, at pauses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil

from stepcli.audio.signal import SILENT_LEVEL, find_quietest, peak_level
from stepcli.audio.track import Track
from stepcli.audio.upload import UploadOptions, piece_upload, whole_upload
from stepcli.audio_types import PCM, Recording, UploadFormat
from stepcli.errors import UsageError
from stepcli.settings import AUTO_JOBS

_SEARCH_SECONDS = 20.0
"""How long before the limit a pause is looked for; a fifth of the limit if that is less."""
_SHORTEST_SHARE = 60.0
"""Shortest of equal pieces in seconds: the pauses to cut at would be too few."""
_LONG_SHARE = 120.0
_FIRST_SECONDS = (20.0, 20.0, 30.0, 30.0, 30.0, 30.0)
"""The first segments if the others are longer than that. On a line of 20 Mbit/s the number of
requests that keeps it busy is reached after two seconds instead of eight."""
_TWO_SEGMENTS = 1.8
"""How many times the longest segment always makes two, wherever the first one is cut."""
_OVERLAP_SECONDS = 5.0
"""What two segments share where there is no pause; a tenth of the limit if that is less."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What one request carries: ``start`` to ``end``, in seconds of the whole audio.

    The first ``overlap`` seconds are also in the previous segment. ``digest`` is a hash of the
    contents, by which an earlier result is found. ``samples`` begin at ``start``; ``recording`` is
    what is sent of them. ``speaker`` is the name of the channel if each channel is recognized by
    itself.
    """

    start: float
    end: float
    overlap: float
    digest: str
    recording: Recording
    samples: Track
    speaker: str | None = None


def split_into_segments(track: Track, options: UploadOptions) -> Iterator[Segment]:
    """Yield ``track`` in segments that one request can carry.

    A file that can be sent as it is is one segment. The audio is read once, in order, as far as
    segments are asked for. An error in it is raised in place of the segment that it is in.
    """
    if whole := whole_upload(track, options):
        assert track.duration
        yield Segment(0.0, track.duration, 0.0, _digest(whole), whole, track)
    else:
        lengths = _Lengths(options.longest_piece(track), track.duration, options.jobs)
        yield from _split(track, lengths, options.format)


def split_in_two(segment: Segment) -> list[Segment]:
    """Return ``segment`` cut at a pause near its middle, as raw samples if it is, else as MP3."""
    lengths = _Lengths((segment.end - segment.start) / _TWO_SEGMENTS)
    format = UploadFormat.PCM if segment.recording.pcm else UploadFormat.MP3
    return [shifted(one, segment.start) for one in _split(segment.samples, lengths, format)]


def segment_of(track: Track, start: float, end: float, format: UploadFormat) -> Segment:
    """Return the part of ``track`` between two times in seconds, which is not kept for later."""
    return _segment(track, track.pcm.size(start), track.pcm.size(end), 0, "", format)


def shifted(segment: Segment, seconds: float) -> Segment:
    """Return ``segment`` at a time that is ``seconds`` later."""
    return replace(segment, start=segment.start + seconds, end=segment.end + seconds)


def is_silent(segment: Segment) -> bool:
    """Return whether nothing in ``segment`` is loud enough to be speech, False if unknown."""
    try:
        return all(peak_level(block) < SILENT_LEVEL for block in segment.samples.part(0, None))
    except UsageError:  # a file that cannot be decoded here
        return False


def _digest(recording: Recording) -> str:
    digest = hashlib.sha256()
    for block in recording.open():
        digest.update(block)
    return digest.hexdigest()


def _split(track: Track, lengths: _Lengths, format: UploadFormat) -> Iterator[Segment]:
    pcm, longest = track.pcm, lengths.longest
    reader = _LookaheadReader(track.part(0, None))
    start = overlap = 0
    while not reader.ended:
        limit = lengths.next_limit(pcm.seconds(start))
        search_size = pcm.size(min(_search_seconds(longest), limit / 2))
        digest = hashlib.sha256()
        size = reader.copy_to(pcm.size(limit) - search_size, digest.update)
        window = reader.read(search_size)
        kept, shared = (len(window), 0) if reader.ended else _find_cut(window, pcm, longest)
        digest.update(memoryview(window)[:kept])
        end = start + size + kept
        yield _segment(track, start, end, overlap, digest.hexdigest(), format)
        reader.unread(memoryview(window)[kept - shared :])
        start, overlap = end - shared, shared


class _Lengths:
    """How long the segments of a recording may be: at most ``longest`` seconds.

    With its duration in ``seconds``, a longer recording is divided equally, into a multiple of
    ``jobs``. If ``jobs`` is None, their number is found by trying, and the first segments are short
    because each answer allows one more request.
    """

    def __init__(self, longest: float, seconds: float | None = None, jobs: int | None = 1) -> None:
        self.longest = longest
        self._seconds = seconds or 0.0
        self._left = 1
        self._first: list[float] = []
        if self._seconds <= longest or longest < _SHORTEST_SHARE:
            return
        self._left = self._count(jobs or AUTO_JOBS)
        if jobs is None and self._seconds / self._left > _LONG_SHARE:
            self._first = list(_FIRST_SECONDS)

    def next_limit(self, start: float) -> float:
        """Return the limit of the segment from ``start`` on: a share and half of the search."""
        margin = _search_seconds(self.longest) / 2
        if self._first:
            return self._first.pop(0) + margin
        if self._left == 1:
            return self.longest
        share = (self._seconds - start) / self._left
        self._left -= 1
        return min(self.longest, share + margin)

    def _count(self, jobs: int) -> int:
        needed = ceil(self._seconds / (self.longest - _search_seconds(self.longest) / 2))
        for_all_jobs = ceil(needed / jobs) * jobs
        return max(needed, min(for_all_jobs, int(self._seconds / _SHORTEST_SHARE)))


def _search_seconds(longest: float) -> float:
    return min(_SEARCH_SECONDS, longest / 5)


def _find_cut(window: bytearray, pcm: PCM, longest: float) -> tuple[int, int]:
    """Return how many bytes of ``window`` end this segment, and how many of them begin the next."""
    found = find_quietest(window, pcm)
    if found.is_pause:
        return found.frame * pcm.frame_bytes, 0
    return len(window), pcm.size(min(_OVERLAP_SECONDS, longest / 10))


def _segment(
    track: Track, start: int, end: int, overlap: int, digest: str, format: UploadFormat
) -> Segment:
    """Return the segment from byte ``start`` to byte ``end``."""
    pcm = track.pcm
    first, last = start // pcm.frame_bytes, end // pcm.frame_bytes
    samples = track.section(first, last)
    upload = piece_upload(samples, last - first, format)
    times = pcm.seconds(start), pcm.seconds(end), pcm.seconds(overlap)
    return Segment(*times, digest, upload, samples)


class _LookaheadReader:
    """Read ``blocks`` in other sizes, one block ahead: ``ended`` is true right after the last."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._ready = b""
        self._fill()

    @property
    def ended(self) -> bool:
        return not self._ready

    def copy_to(self, size: int, write: Callable[[bytes], object]) -> int:
        """Call ``write`` with the next ``size`` bytes, or fewer at the end; return how many."""
        left = size
        while left and self._ready:
            block, self._ready = self._ready[:left], self._ready[left:]
            self._fill()
            write(block)
            left -= len(block)
        return size - left

    def read(self, size: int) -> bytearray:
        """Return the next ``size`` bytes, or fewer at the end.

        Growing a bytearray to this size block by block would leave holes in the heap.
        """
        data, filled = bytearray(size), 0

        def write(block: bytes) -> None:
            nonlocal filled
            data[filled : filled + len(block)] = block
            filled += len(block)

        del data[self.copy_to(size, write) :]
        return data

    def unread(self, data: memoryview) -> None:
        """Put ``data`` back to be read next."""
        self._ready = b"".join((data, self._ready))

    def _fill(self) -> None:
        while not self._ready and (block := next(self._blocks, None)) is not None:
            self._ready = block
