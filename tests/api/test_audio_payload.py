"""Only audio of the requested format counts as audio, whatever the headers say."""

from __future__ import annotations

import struct
from base64 import b64encode, encodebytes

import pytest

from stepcli.api.audio_payload import (
    InvalidAudio,
    TruncatedAudio,
    decode_base64,
    is_text,
    validated,
)
from stepcli.audio_types import AudioFormat


def wav(samples: bytes, length: int | None = None) -> bytes:
    """A WAV file whose header announces `length` bytes."""
    size = len(samples) if length is None else length
    return (
        struct.pack("<4sI4s4sIHHIIHH", b"RIFF", (size + 36) & 0xFFFFFFFF, b"WAVE", b"fmt ", 16,
                    1, 1, 24000, 48000, 2, 16)
        + struct.pack("<4sI", b"data", size) + samples
    )  # fmt: skip


SAMPLES = bytes([0, 1, 255, 254]) * 300
AUDIO = {
    AudioFormat.WAV: wav(SAMPLES),
    AudioFormat.MP3: b"\xff\xfb\x90\x00" + bytes(400),
    AudioFormat.FLAC: b"fLaC" + bytes(400),
    AudioFormat.OPUS: b"OggS" + bytes(400),
    AudioFormat.PCM: SAMPLES,
}
NOT_AUDIO = {
    "json": b'{"error": {"message": "no", "type": "x"}}',
    "short-json": b'{"a":1}',
    "json-array": b"[1, 2, 3]",
    "json-behind-a-mark": b'\xef\xbb\xbf  {"error": "\xe4\xb8\xad\xe6\x96\x87"}',
    "html": b"<!doctype html><title>502 Bad Gateway</title>",
    "text": b"upstream connect error or disconnect/reset before headers",
    "events": b'data: {"type": "speech.audio.delta"}\n\n',
    "one-byte": b"\x00",
    "long-json": b'{"padding": "' + b"x" * 5000 + b'"}',
}
BLOCKS = (1, 7, 64, 100_000)


def checked(data: bytes, format: AudioFormat | None, size: int = 100_000) -> bytes:
    return b"".join(validated((data[at : at + size] for at in range(0, len(data), size)), format))


@pytest.mark.parametrize("size", BLOCKS)
@pytest.mark.parametrize("format", AUDIO)
def test_audio_passes_unchanged(format: AudioFormat, size: int) -> None:
    assert checked(AUDIO[format], format, size) == AUDIO[format]
    if format is not AudioFormat.PCM:
        assert checked(AUDIO[format], None, size) == AUDIO[format]


@pytest.mark.parametrize("size", BLOCKS)
@pytest.mark.parametrize("format", [*AUDIO, None])
@pytest.mark.parametrize("data", NOT_AUDIO.values(), ids=NOT_AUDIO)
def test_text_and_single_bytes_are_never_audio(
    data: bytes, format: AudioFormat | None, size: int
) -> None:
    with pytest.raises(InvalidAudio):
        checked(data, format, size)


@pytest.mark.parametrize("size", BLOCKS)
def test_nothing_is_passed_on_before_the_beginning_is_known(size: int) -> None:
    data, held = NOT_AUDIO["long-json"], bytearray()
    seen: list[bytes] = []
    with pytest.raises(InvalidAudio):
        seen += validated((data[at : at + size] for at in range(0, len(data), size)),
                          AudioFormat.PCM, held)  # fmt: skip
    assert seen == []
    assert data.startswith(bytes(held))


@pytest.mark.parametrize("found", [one for one in AUDIO if one is not AudioFormat.PCM])
@pytest.mark.parametrize("format", AUDIO)
def test_another_format_is_named(found: AudioFormat, format: AudioFormat) -> None:
    if found is format or (format, found) == (AudioFormat.PCM, AudioFormat.MP3):
        return  # samples may look like the header of an MP3 frame
    with pytest.raises(InvalidAudio, match=f"{found} instead of {format}"):
        checked(AUDIO[found], format)


@pytest.mark.parametrize("format", AUDIO)
def test_empty_audio_is_truncated(format: AudioFormat) -> None:
    with pytest.raises(TruncatedAudio):
        checked(b"", format)


def test_pcm_does_not_end_within_a_sample() -> None:
    with pytest.raises(TruncatedAudio):
        checked(SAMPLES[:-1], AudioFormat.PCM)


@pytest.mark.parametrize("missing", [1, 2, 100, len(SAMPLES)])
@pytest.mark.parametrize("format", [AudioFormat.WAV, None])
def test_wav_is_as_long_as_its_header_says(missing: int, format: AudioFormat | None) -> None:
    with pytest.raises(TruncatedAudio, match=f"last {missing:,} bytes"):
        checked(AUDIO[AudioFormat.WAV][:-missing], format, 50)


@pytest.mark.parametrize("length", [0, 0x7FFFFFDB, 0xFFFFFFFF, 0xFFFFFFFF - 36])
def test_placeholder_lengths_of_streamed_wav_say_nothing(length: int) -> None:
    data = wav(SAMPLES, length)
    assert checked(data, AudioFormat.WAV, 50) == data


@pytest.mark.parametrize(
    "text",
    [
        b64encode(SAMPLES).decode(),
        encodebytes(SAMPLES).decode(),
        encodebytes(SAMPLES).decode().replace("\n", "\r\n"),
        f" \t{b64encode(SAMPLES).decode()} ",
    ],
)
def test_base64_may_have_line_breaks(text: str) -> None:
    assert decode_base64(text) == SAMPLES


@pytest.mark.parametrize("value", ["!!", "YWI", "é", None, 7, ["YWI="], b"YWI="])
def test_other_values_are_not_base64(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode_base64(value)


def test_printable_bytes_within_audio_are_not_text() -> None:
    assert is_text(NOT_AUDIO["json"] * 9)
    assert is_text(NOT_AUDIO["html"] * 9)
    for at in range(256):
        assert not is_text((bytes(range(256)) * 9)[at:])
