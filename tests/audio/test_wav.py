"""WAV headers, true and unknowing."""

from __future__ import annotations

import io
import struct
import wave

import pytest

from stepcli.audio import wav
from stepcli.sound import PCM


@pytest.mark.parametrize("pcm", [PCM(8000), PCM(24000), PCM(48000, 2)])
def test_header_of_known_length(pcm: PCM) -> None:
    """Another reader finds rate, channels, width and length in it."""
    samples = bytes(range(200)) * pcm.channels
    with wave.open(io.BytesIO(wav.header(pcm, len(samples)) + samples)) as file:
        assert file.getframerate() == pcm.rate
        assert file.getnchannels() == pcm.channels
        assert file.getsampwidth() == 2
        assert file.readframes(1000) == samples


def _sizes(data: bytes) -> tuple[int, int]:
    riff, size = struct.unpack("<I", data[4:8]) + struct.unpack("<I", data[40:44])
    return riff, size


@pytest.mark.parametrize("told", [None, 0, 10_000_000, 0xFFFFFFFF - 36])
def test_mend(told: int | None) -> None:
    """A header that does not know, or is wrong by too much, is true afterwards; samples stay."""
    file = io.BytesIO(wav.header(PCM(8000), told) + bytes(500))
    wav.mend(file)
    assert _sizes(file.getvalue()) == (536, 500)
    assert file.getvalue()[44:] == bytes(500)


def test_mend_leaves_a_true_file_alone() -> None:
    """Also one with further chunks around its samples."""
    note = b"LIST" + struct.pack("<I", 4) + b"note"
    body = wav.header(PCM(8000), 500) + bytes(500) + note
    true = body[:4] + struct.pack("<I", len(body) - 8) + body[8:]
    file = io.BytesIO(true)
    wav.mend(file)
    assert file.getvalue() == true


@pytest.mark.parametrize(
    "junk", [b"", b"RIFF", b"ID3 something else entirely", b"RIFF\0\0\0\0WAVE"]
)
def test_mend_leaves_other_files_alone(junk: bytes) -> None:
    """What is no WAV with samples is not touched but for its own size."""
    file = io.BytesIO(junk)
    wav.mend(file)
    assert file.getvalue()[8:] == junk[8:]
    assert len(file.getvalue()) == len(junk)


def test_length_that_no_header_can_tell() -> None:
    """Beyond 4 GiB the header says unknown rather than something false."""
    assert _sizes(wav.header(PCM(8000), 5 << 30))[1] == wav.UNKNOWN
