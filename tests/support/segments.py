"""Segments as tests need them, and how to split tracks into segments of samples."""

from __future__ import annotations

from stepcli.audio.segments import Segment, split_into_segments
from stepcli.audio.track import SPEECH, Track
from stepcli.audio.upload import UploadOptions
from stepcli.audio_types import Recording, UploadFormat


def segment(
    start: float, end: float, overlap: float = 0.0, digest: str = "", container: str = "wav"
) -> Segment:
    """Return a segment that holds no samples and uploads nothing."""
    recording = Recording(container, 0, lambda: iter([b""]))
    samples = Track(SPEECH, lambda _start, _stop: iter([]), end - start)
    return Segment(start, end, overlap, digest, recording, samples)


def split(
    track: Track,
    longest: float = 1500.0,
    format: UploadFormat = UploadFormat.PCM,
    jobs: int | None = 1,
) -> list[Segment]:
    """Return the segments of ``track``, which are uploaded as samples by default."""
    return list(split_into_segments(track, UploadOptions(format, longest, jobs)))


def split_as_is(track: Track) -> list[Segment]:
    """Return the segments of ``track``, which is one if the file itself can be uploaded."""
    return split(track, format=UploadFormat.AS_IS)


def uploaded(segment: Segment) -> bytes:
    """Return what is sent, which has the announced size."""
    sent = b"".join(segment.recording.open())
    assert len(sent) == segment.recording.size
    return sent


def joined(segments: list[Segment]) -> bytes:
    """Return the uploaded samples of all segments without what they share."""
    return b"".join(map(_own_samples, segments))


def _own_samples(segment: Segment) -> bytes:
    pcm = segment.recording.pcm
    assert pcm
    return uploaded(segment)[round(segment.overlap * pcm.rate) * pcm.frame_bytes :]
