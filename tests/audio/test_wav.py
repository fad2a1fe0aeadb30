"""Reading WAV headers: the true, the unknowing and the broken."""

from __future__ import annotations

import io
import struct
import subprocess

import pytest

from stepcli.audio import wav
from stepcli.audio_types import PCM
from tests.support.sounds import needs_ffmpeg

MONO = PCM(16000)


def _layout(data: bytes) -> wav.Layout | None:
    return wav.layout(io.BytesIO(data))


def test_true_header() -> None:
    """A complete file is known to the byte."""
    found = _layout(wav.header(PCM(44100, 2), 400) + bytes(400))
    assert found == wav.Layout(PCM(44100, 2), 44, 400, truthful=True, missing=0)


@pytest.mark.parametrize("told", [0, 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_unknown_length(told: int) -> None:
    """What was written to a pipe lasts as long as there are bytes."""
    head = bytearray(wav.header(MONO, 100))
    head[40:44] = struct.pack("<I", told)
    assert _layout(bytes(head) + bytes(300)) == wav.Layout(MONO, 44, 300, truthful=False, missing=0)


def test_truncated() -> None:
    """A promise that the file does not keep is told."""
    assert _layout(wav.header(MONO, 500) + bytes(200)) == wav.Layout(
        MONO, 44, 200, truthful=True, missing=300
    )


def test_chunks_before_data() -> None:
    """Tags of any length, odd ones padded, may stand before the samples."""
    head = wav.header(MONO, 4)
    tagged = head[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + head[36:] + bytes(4)
    found = _layout(tagged)
    assert found is not None
    assert (found.offset, found.size) == (56, 4)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\0\0\0\0AVI ",
        wav.header(MONO, 4)[:20],
        b"RIFF\4\0\0\0WAVEfmt \xff\xff\xff\xff",
    ],
)
def test_no_layout(data: bytes) -> None:
    """Anything else is not plain samples, and no crash."""
    assert _layout(data) is None


@needs_ffmpeg
@pytest.mark.parametrize(
    ("codec", "plain"),
    [
        ("pcm_s16le", True),
        ("pcm_s24le", False),
        ("pcm_u8", False),
        ("pcm_f32le", False),
        ("adpcm_ms", False),
    ],
)
def test_codecs_of_another_program(codec: str, plain: bool) -> None:
    """Only signed 16-bit samples are plain, as ffmpeg writes them to a pipe."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "sine=d=0.1",
        "-c:a",
        codec,
        "-f",
        "wav",
        "-",
    ]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    assert (_layout(made) is not None) == plain
