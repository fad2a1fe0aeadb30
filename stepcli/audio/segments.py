"""Split audio of any length into segments that one request can carry, at pauses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from stepcli.audio.sample_cache import slice_blocks
from stepcli.audio.signal import find_quietest, peak_level
from stepcli.audio.track import MAX_UPLOAD_BYTES, Track
from stepcli.audio_types import PCM, Recording
from stepcli.errors import UsageError

MAX_MINUTES = 25.0
"""Longest segment in minutes; the service accepts about 30."""
_SEARCH_SECONDS = 20.0
"""How long before the limit a pause is looked for; a fifth of the limit if that is less."""
_TWO_SEGMENTS = 1.8
"""How many times the longest segment always makes two, wherever the first one is cut."""
_SILENT_LEVEL = -50.0
"""Highest peak of silence in dBFS."""
_OVERLAP_SECONDS = 5.0
"""What two segments share where there is no pause; a tenth of the limit if that is less."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What one request carries: ``start`` to ``end``, in seconds of the whole audio.

    The first ``overlap`` seconds are also in the previous segment. ``digest`` is a hash of the
    contents, by which an earlier result is found. ``track`` has the samples of a ``recording`` that
    is a container. ``speaker`` is the name of the channel if each channel is recognized by itself.
    """

    start: float
    end: float
    overlap: float
    digest: str
    recording: Recording
    track: Track | None = None
    speaker: str | None = None

    @property
    def samples(self) -> Track:
        """The audio as samples, the first frame of which is at ``start``."""
        return self.track or _samples_of(self.recording)


def split_into_segments(track: Track, longest: float = 60 * MAX_MINUTES) -> Iterator[Segment]:
    """Yield ``track`` in segments of at most ``longest`` seconds and MAX_UPLOAD_BYTES.

    A shorter file of at most that size is one segment, as it is. The audio is read once, in order,
    as far as segments are asked for. An error in it is raised in place of the segment that it is
    in.
    """
    whole = track.whole
    if whole and track.duration and track.duration <= longest and whole.size <= MAX_UPLOAD_BYTES:
        yield Segment(0.0, track.duration, 0.0, _digest(whole), whole, track)
    else:
        yield from _split(track, min(longest, track.pcm.seconds(MAX_UPLOAD_BYTES)))


def split_in_two(segment: Segment) -> list[Segment]:
    """Return ``segment`` cut at a pause near its middle.

    A container is cut into more segments if two of samples would be larger than MAX_UPLOAD_BYTES.
    """
    track, seconds = segment.samples, segment.end - segment.start
    longest = min(seconds / _TWO_SEGMENTS, track.pcm.seconds(MAX_UPLOAD_BYTES))
    return [shifted(one, segment.start) for one in _split(track, longest)]


def shifted(segment: Segment, seconds: float) -> Segment:
    """Return ``segment`` at a time that is ``seconds`` later."""
    return replace(segment, start=segment.start + seconds, end=segment.end + seconds)


def is_silent(segment: Segment) -> bool:
    """Return whether nothing in ``segment`` is loud enough to be speech, False if unknown."""
    try:
        return all(peak_level(block) < _SILENT_LEVEL for block in segment.samples.part(0, None))
    except UsageError:  # a file that cannot be decoded here
        return False


def _samples_of(recording: Recording) -> Track:
    pcm = recording.pcm
    assert pcm, "a container needs a track"

    def part(start: int, stop: int | None) -> Iterator[bytes]:
        end = None if stop is None else stop * pcm.frame_bytes
        return slice_blocks(recording.open(), start * pcm.frame_bytes, end)

    return Track(pcm, part, pcm.seconds(recording.size))


def _digest(recording: Recording) -> str:
    digest = hashlib.sha256()
    for block in recording.open():
        digest.update(block)
    return digest.hexdigest()


def _split(track: Track, longest: float) -> Iterator[Segment]:
    pcm = track.pcm
    search_size = _size(pcm, min(_SEARCH_SECONDS, longest / 5))
    size_before = _size(pcm, longest) - search_size
    reader = _LookaheadReader(track.part(0, None))
    start = overlap = 0
    while not reader.ended:
        digest = hashlib.sha256()
        size = reader.copy_to(size_before, digest.update)
        window = reader.read(search_size)
        kept, shared = (len(window), 0) if reader.ended else _find_cut(window, pcm, longest)
        digest.update(memoryview(window)[:kept])
        end = start + size + kept
        yield _segment(track, start, end, overlap, digest.hexdigest())
        reader.unread(memoryview(window)[kept - shared :])
        start, overlap = end - shared, shared


def _find_cut(window: bytearray, pcm: PCM, longest: float) -> tuple[int, int]:
    """Return how many bytes of ``window`` end this segment, and how many of them begin the next."""
    found = find_quietest(window, pcm)
    if found.is_pause:
        return found.frame * pcm.frame_bytes, 0
    return len(window), _size(pcm, min(_OVERLAP_SECONDS, longest / 10))


def _segment(track: Track, start: int, end: int, overlap: int, digest: str) -> Segment:
    """Return the segment from byte ``start`` to byte ``end``."""
    pcm = track.pcm
    part = partial(track.part, start // pcm.frame_bytes, end // pcm.frame_bytes)
    recording = Recording("pcm", end - start, part, pcm)
    return Segment(pcm.seconds(start), pcm.seconds(end), pcm.seconds(overlap), digest, recording)


def _size(pcm: PCM, seconds: float) -> int:
    return round(seconds * pcm.rate) * pcm.frame_bytes


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
        data = bytearray()
        self.copy_to(size, data.extend)
        return data

    def unread(self, data: memoryview) -> None:
        """Put ``data`` back to be read next."""
        self._ready = b"".join((data, self._ready))

    def _fill(self) -> None:
        while not self._ready and (block := next(self._blocks, None)) is not None:
            self._ready = block
