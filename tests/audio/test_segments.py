"""Segments of audio of any length: nothing is lost, and what is doubled is stated."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.audio.open import open_track
from stepcli.audio.segments import segment_of
from stepcli.audio.track import MAX_UPLOAD_BYTES, Track
from stepcli.audio_types import PCM, UploadFormat
from tests.support.recordings import RATE, noise, silence, write_wav
from tests.support.segments import joined, split, split_as_is, uploaded

MONO = PCM(RATE)


def _track(sound: bytes, block: int = 7001) -> Track:
    """Return a track of samples in memory, which it yields in blocks of an odd size."""

    def part(start: int, stop: int | None) -> Iterator[bytes]:
        wanted = sound[2 * start : None if stop is None else 2 * stop]
        return (wanted[i : i + block] for i in range(0, len(wanted), block))

    return Track(MONO, part, None)


def test_short_audio_is_uploaded_as_it_is(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", noise(3))
    (segment,) = split(open_track(path), 3.0, UploadFormat.AS_IS)
    assert uploaded(segment) == path.read_bytes()
    assert (segment.start, segment.end, segment.overlap) == (0.0, 3.0, 0.0)


def test_segments_end_in_pauses() -> None:
    sound = b"".join(noise(8) + silence(1) for _ in range(4))
    cut = split(_track(sound), 10)
    assert [segment.end for segment in cut] == pytest.approx([8.75, 17.75, 26.75, 36], abs=0.1)
    assert all(segment.overlap == 0 for segment in cut)
    assert joined(cut) == sound


def test_segments_overlap_where_there_is_no_pause() -> None:
    """By a tenth of the limit."""
    sound = noise(25)
    cut = split(_track(sound), 10)
    assert [(segment.start, segment.end) for segment in cut] == [(0, 10), (9, 19), (18, 25)]
    assert [segment.overlap for segment in cut] == [0, 1, 1]
    assert joined(cut) == sound


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0.05, 4)), max_size=8),
    st.floats(3, 9),
    st.integers(1, 50_000),
)
def test_segments_of_any_audio_are_short_enough_and_complete(
    parts: list[tuple[bool, float]], longest: float, block: int
) -> None:
    sound = b"".join(noise(length) if loud else silence(length) for loud, length in parts)
    cut = split(_track(sound, 2 * block), longest)
    assert joined(cut) == sound
    assert all(segment.end - segment.start <= longest + 0.001 for segment in cut)
    assert all(one.start < other.start < one.end + 0.001 for one, other in pairwise(cut))


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100])
def test_segments_are_below_the_size_limit_of_the_service(rate: int) -> None:
    """In base64, and at any rate."""

    def part(start: int, stop: int | None) -> Iterator[bytes]:
        left = 2 * ((stop or 10_000_000) - start)
        while left > 0:
            yield bytes(min(left, 1 << 16))
            left -= 1 << 16

    cut = split(Track(PCM(rate), part, None))
    assert max(segment.recording.size for segment in cut) <= MAX_UPLOAD_BYTES
    assert 4 * (MAX_UPLOAD_BYTES + 2) // 3 < 10_485_760
    assert cut[-1].end == pytest.approx(10_000_000 / rate)


@pytest.mark.parametrize(
    ("size", "containers"), [(MAX_UPLOAD_BYTES - 44, ["wav"]), (MAX_UPLOAD_BYTES, ["mp3"])]
)
def test_only_a_file_below_the_size_limit_is_uploaded_as_it_is(
    tmp_path: Path, size: int, containers: list[str]
) -> None:
    path = write_wav(tmp_path / "a.wav", bytes(size))
    cut = split_as_is(open_track(path))
    assert [segment.recording.container for segment in cut] == containers


def test_digest_depends_on_the_contents_only() -> None:
    """Not on how the audio is read."""
    sound = (noise(9) + silence(1)) * 2 + noise(5)
    names = [segment.digest for segment in split(_track(sound), 10)]
    assert names == [segment.digest for segment in split(_track(sound, 4), 10)]
    assert len(set(names)) == len(names)


def test_segment_can_be_read_again() -> None:
    """As a repeated request does."""
    last = split(_track(noise(25)), 10)[-1]
    assert uploaded(last) == uploaded(last)


def test_empty_track_has_no_segments() -> None:
    assert split(_track(b""), 10) == []


@pytest.mark.parametrize("extra", [0, 2])
def test_limit_is_inclusive(extra: int) -> None:
    """One sample more makes two segments."""
    assert len(split(_track(noise(10) + bytes(extra)), 10)) == (2 if extra else 1)


@pytest.mark.parametrize(
    ("minutes", "jobs", "pieces"),
    [
        (9, 4, 1),
        (11, 1, 2),
        (60, 1, 7),
        (60, 2, 8),
        (60, 4, 8),
        (60, 8, 8),
        (12, 64, 12),
        (0.5, 8, 1),
    ],
)
def test_long_audio_is_divided_equally_among_the_jobs(
    minutes: float, jobs: int, pieces: int
) -> None:
    """Into pieces of a minute or more."""
    track = _endless(8000, minutes)
    cut = split(track, 600.0, UploadFormat.MP3, jobs)
    lengths = [segment.end - segment.start for segment in cut]
    assert len(cut) == pieces
    assert max(lengths) <= 600.0
    assert max(lengths) - min(lengths) <= 40.0


def _endless(rate: int, minutes: float) -> Track:
    frames = round(60 * minutes * rate)

    def part(start: int, stop: int | None) -> Iterator[bytes]:
        left = 2 * (min(stop or frames, frames) - start)
        for _ in range(left >> 16):
            yield bytes(1 << 16)
        yield bytes(left & 0xFFFF)

    return Track(PCM(rate), part, 60.0 * minutes)


def test_segment_of_a_time_span() -> None:
    sound = noise(3)
    segment = segment_of(_track(sound), 1.0, 2.5, UploadFormat.PCM)
    assert (segment.start, segment.end, segment.overlap) == (1.0, 2.5, 0.0)
    assert uploaded(segment) == sound[2 * RATE : 5 * RATE]


def test_first_pieces_are_short_if_the_number_of_jobs_is_found_by_trying() -> None:
    """Followed by equal ones."""
    cut = split(_endless(8000, 60), 600.0, UploadFormat.MP3, None)
    lengths = [segment.end - segment.start for segment in cut]
    assert lengths[:6] == pytest.approx([20, 20, 30, 30, 30, 30], abs=10)
    assert len(lengths) == 6 + 16
    assert max(lengths[6:]) - min(lengths[6:]) <= 45.0
