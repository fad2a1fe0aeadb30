"""Recognize m4a files among everything that begins with the same bytes."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.audio.m4a import m4a_duration
from stepcli.audio.open import open_track
from stepcli.audio.track import MAX_UPLOAD_BYTES
from stepcli.audio_types import UploadFormat
from stepcli.errors import UsageError
from tests.support.segments import split


def box(kind: bytes, *contents: bytes) -> bytes:
    inner = b"".join(contents)
    return struct.pack(">I4s", 8 + len(inner), kind) + inner


def track(handler: bytes = b"soun", codec: bytes = b"mp4a") -> bytes:
    entry = box(b"stsd", bytes(4), struct.pack(">I", 1), box(codec, bytes(28)))
    media = box(b"hdlr", bytes(8), handler, bytes(13)), box(b"minf", box(b"stbl", entry))
    return box(b"trak", box(b"mdia", *media))


HEADER = box(b"mvhd", bytes(12), struct.pack(">II", 1000, 2500), bytes(80))
LONG_HEADER = box(b"mvhd", b"\1", bytes(19), struct.pack(">IQ", 1000, 2500), bytes(80))
TYPE = box(b"ftyp", b"M4A ", bytes(4))
SOUND = box(b"mdat", b"sound")
LARGE_SOUND = struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"sound"
OPEN_SOUND = struct.pack(">I4s", 0, b"mdat") + b"sound"
M4A = TYPE + box(b"moov", HEADER, track()) + SOUND


@pytest.mark.parametrize(
    "data",
    [
        M4A,
        TYPE + SOUND + box(b"free") + box(b"moov", LONG_HEADER, track()),
        TYPE + box(b"moov", HEADER, track()) + LARGE_SOUND,
        TYPE + box(b"moov", HEADER, track()) + OPEN_SOUND,
        TYPE + box(b"moov", HEADER, track(b"text", b"text"), track()) + SOUND,
    ],
    ids=["index first", "index last", "64 bits", "to the end", "chapters"],
)
def test_duration_is_that_of_the_header(data: bytes) -> None:
    assert m4a_duration(data) == 2.5


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TYPE + SOUND,
        TYPE + box(b"moov", HEADER, track()),
        M4A + M4A,
        M4A + box(b"moof"),
        M4A + b"\0\0\0",
        TYPE + box(b"moov", HEADER, track(), track(b"vide", b"avc1")) + SOUND,
        TYPE + box(b"moov", HEADER, track(codec=b"enca")) + SOUND,
        TYPE + box(b"moov", HEADER, track(codec=b"alac")) + SOUND,
        TYPE + box(b"moov", HEADER) + SOUND,
        TYPE + box(b"moov", track()) + SOUND,
        TYPE + box(b"moov", box(b"mvhd", bytes(100)), track()) + SOUND,
    ],
)
def test_other_files_have_no_duration(data: bytes) -> None:
    """Incomplete, joined, fragmented, with video, encrypted, or of another codec."""
    assert m4a_duration(data) is None


@given(st.integers(0, len(M4A) - 1))
def test_truncated_file_has_no_duration(size: int) -> None:
    assert m4a_duration(M4A[:size]) is None


@given(st.integers(0, len(M4A) - 1), st.binary(min_size=1, max_size=8))
def test_damaged_file_raises_nothing(place: int, bytes: bytes) -> None:
    m4a_duration(M4A[:place] + bytes + M4A[place + len(bytes) :])


def test_m4a_is_uploaded_as_it_is_without_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the size limit, and in one segment: it cannot be cut."""
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "a.m4a"
    path.write_bytes(M4A)
    (segment,) = split(open_track(path), format=UploadFormat.AUTO)
    assert (segment.recording.container, segment.end) == ("m4a", 2.5)
    assert b"".join(segment.recording.open()) == M4A
    with pytest.raises(UsageError, match="needs ffmpeg"):
        split(open_track(path), 2.0, UploadFormat.MP3)
    path.write_bytes(M4A + box(b"free", bytes(MAX_UPLOAD_BYTES)))
    with pytest.raises(UsageError, match="needs ffmpeg"):
        open_track(path)
