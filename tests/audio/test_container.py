"""Recognizing containers, and finding joined recordings, from bytes alone."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from stepcli.audio import wav
from stepcli.audio.container import is_sound_file, is_truncated_ogg, recordings_in, sniff
from stepcli.audio_types import PCM


def ogg_page(kind: int, payload: bytes = b"payload") -> bytes:
    """Return a page with the header type ``kind``: 2 begins a stream, 4 ends it."""
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, 0, 1, 0, 0, 1)
    return header + bytes([len(payload)]) + payload


def box(kind: bytes, contents: bytes = b"", *, large: bool = False) -> bytes:
    """Return a box of an MP4 file, with a size of 32 or 64 bits."""
    if large:
        return struct.pack(">I4sQ", 1, kind, 16 + len(contents)) + contents
    return struct.pack(">I4s", 8 + len(contents), kind) + contents


OGG = ogg_page(2) + ogg_page(2) + ogg_page(0) + ogg_page(4)
FLAC = b"fLaC\0\0\0\x22" + bytes(34) + b"\xff\xf8frames"
WAV = wav.header(PCM(8000), 6) + b"sample" + b"LIST\x03\0\0\0abc\0"
MP4 = box(b"ftyp", b"M4A ") + box(b"mdat", b"moovftyp", large=True) + box(b"moov")
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webmB\x87\x81\x04" + b"\x18S\x80g" + bytes(20)
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(20)
FLV = b"FLV\x01\x04\0\0\0\x09\0\0\0\0"
FILES = {
    "ogg": OGG,
    "flac": FLAC,
    "wav": WAV,
    "aiff": b"FORM\0\0\0\x0cAIFFSSND\0\0\0\0",
    "mp4": MP4,
    "webm": WEBM,
    "asf": ASF,
    "flv": FLV,
}
NEVER_JOINED = {
    "avi": b"RIFF\0\0\0\0AVI ",
    "mpegts": (b"G" + bytes(187)) * 3,
    "aac": (b"\xff\xf1\x50\x80\x01\x40" + bytes(4)) * 2,
}
OTHERS = [
    b"",
    MP4.replace(b"M4A ", b"heic"),
    b"G" + bytes(999),
    b"\xff\xf1" + bytes(99),
    b"just words",
    b"\xff\xff\xff\xff",
    bytes(100),
    b"#EXTM3U\n",
]


@pytest.mark.parametrize("container", FILES | NEVER_JOINED)
def test_container_is_recognized_by_its_first_bytes(container: str) -> None:
    assert sniff((FILES | NEVER_JOINED)[container]) == container


@pytest.mark.parametrize("head", OTHERS)
def test_other_bytes_are_not_recognized(head: bytes) -> None:
    assert sniff(head) is None


def test_sound_file_is_told_by_its_contents(tmp_path: Path) -> None:
    for name, contents in (("talk.txt", WAV), ("photo.m4a", b"just words"), ("empty.wav", b"")):
        (tmp_path / name).write_bytes(contents)
    assert [is_sound_file(path) for path in sorted(tmp_path.iterdir())] == [False, False, True]
    os.mkfifo(tmp_path / "pipe.wav")
    assert not is_sound_file(tmp_path / "pipe.wav")
    assert not is_sound_file(tmp_path / "none.wav")


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("container", FILES)
def test_each_of_several_joined_recordings_is_found(
    tmp_path: Path, container: str, count: int
) -> None:
    data = FILES[container]
    path = tmp_path / "joined"
    path.write_bytes(data * count)
    wanted = [range(n * len(data), (n + 1) * len(data)) for n in range(count)]
    assert recordings_in(path, container) == wanted


@pytest.mark.parametrize("container", ["mp3", None])
def test_containers_without_overall_length_count_as_one(
    tmp_path: Path, container: str | None
) -> None:
    path = tmp_path / "joined"
    path.write_bytes(OGG + OGG)
    assert recordings_in(path, container) == [range(2 * len(OGG))]


@pytest.mark.parametrize("container", ["flv", "webm", "ogg", "flac"])
def test_signature_within_the_audio_is_not_another_recording(
    tmp_path: Path, container: str
) -> None:
    """Four bytes occur by chance in a large file."""
    path = tmp_path / "a"
    path.write_bytes(FILES[container] + bytes(3000) + FILES[container][:4] + bytes(3000))
    assert len(recordings_in(path, container)) == 1


@pytest.mark.parametrize("distance", range(-6, 7))
def test_signature_across_two_blocks_is_found(tmp_path: Path, distance: int) -> None:
    path = tmp_path / "a.flac"
    first = FLAC + bytes((1 << 20) + distance - len(FLAC))
    path.write_bytes(first + FLAC)
    assert recordings_in(path, "flac")[1].start == len(first)


def test_broken_boxes_do_not_hang(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(box(b"ftyp") + struct.pack(">I4s", 0, b"free") + bytes(100))
    assert len(recordings_in(path, "mp4")) == 1


@pytest.mark.parametrize(("cut", "truncated"), [(0, False), (1, True), (7, True), (20, True)])
def test_ogg_that_ends_within_a_page_is_truncated(
    tmp_path: Path, cut: int, truncated: bool
) -> None:
    path = tmp_path / "a.ogg"
    path.write_bytes(OGG[: len(OGG) - cut])
    assert is_truncated_ogg(path) is truncated
