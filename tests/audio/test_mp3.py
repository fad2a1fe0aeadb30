"""MP3 frames: their number and duration, whatever the Xing tag or the first bitrate states."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from stepcli.audio.mp3 import Mp3, Mp3File, delay, read_mp3

FRAME = b"\xff\xfb\x90\xc0" + bytes(413)
"""MPEG-1 layer III, mono, 128 kbit/s at 44.1 kHz: 417 bytes, 1152 samples."""
SLOWER = b"\xff\xf3\x90\xc0" + bytes(257)
"""MPEG-2 layer III, mono, 80 kbit/s at 22.05 kHz: 261 bytes, 576 samples."""


def xing(frames: int) -> bytes:
    """Return a first frame with a Xing tag that states so many frames."""
    tag = b"Xing\0\0\0\x01" + frames.to_bytes(4, "big")
    return FRAME[:21] + tag + FRAME[21 + len(tag) :]


def parsed(data: bytes) -> Mp3:
    mp3 = read_mp3(io.BytesIO(data))
    assert mp3
    return mp3


@pytest.mark.parametrize(
    ("data", "samples"),
    [
        (FRAME[:40] + b"\1" + FRAME[41:], 1105),
        (FRAME + FRAME, 1105 + 1152),
        (b"ID3\4\0\0\0\0\1\0" + bytes(128) + FRAME, 1105 + 1152),
        (xing(5), 1105),
        (xing(5)[:60] + b"LAME3.100" + xing(5)[69:], 0),
        (b"", 0),
    ],
    ids=["stream", "empty frame", "ID3", "tag without a delay", "tag", "no frame"],
)
def test_delay_is_that_of_encoder_and_decoder(tmp_path: Path, data: bytes, samples: int) -> None:
    (tmp_path / "a.mp3").write_bytes(data)
    assert delay(tmp_path / "a.mp3") == pytest.approx(samples / 44100)


def test_duration_counts_the_frames() -> None:
    mp3 = parsed(FRAME * 100)
    assert mp3.frames == 100
    assert mp3.duration == pytest.approx(100 * 1152 / 44100)
    assert (mp3.is_truncated, mp3.is_mixed, mp3.has_wrong_tag) == (False, False, False)


@pytest.mark.parametrize(
    ("stated", "truncated", "wrong"),
    [(100, False, False), (101, False, False), (150, True, True), (40, False, True)],
)
def test_tag_is_compared_with_the_frames(stated: int, truncated: bool, wrong: bool) -> None:
    mp3 = parsed(xing(stated) + FRAME * 100)
    assert (mp3.frames, mp3.promised) == (100, stated)
    assert (mp3.is_truncated, mp3.has_wrong_tag) == (truncated, wrong)
    assert mp3.has_true_tag is not wrong


def test_id3_tag_and_bytes_between_frames_are_skipped() -> None:
    data = b"ID3\x04\0\0\0\0\x01\x00" + bytes(128) + FRAME * 5 + b"\xff\xd8junk" * 50 + FRAME * 7
    mp3 = parsed(data)
    assert mp3.frames == 12
    file = Mp3File(io.BytesIO(data), mp3)
    buffer = bytearray(len(data))
    size = 0
    while count := file.readinto(memoryview(buffer)[size:]):
        size += count
    assert buffer[:size] == FRAME * 12


def test_change_of_rate_is_mixed() -> None:
    assert parsed(FRAME * 5 + SLOWER * 5).is_mixed


@pytest.mark.parametrize("data", [b"", b"words" * 100, FRAME * 2, b"\xff" * 5000])
def test_fewer_than_three_frames_are_not_mp3(data: bytes) -> None:
    assert read_mp3(io.BytesIO(data)) is None
