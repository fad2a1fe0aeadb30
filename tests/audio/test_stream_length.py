"""The length of compressed audio is measured while it arrives."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import soundfile

from stepcli.audio.stream_length import Mp3Length, OggOpusLength

RATE = 24000
FORMATS: dict[str, tuple[Callable[[], Mp3Length | OggOpusLength], str, str]] = {
    "mp3": (Mp3Length, "MP3", "MPEG_LAYER_III"),
    "opus": (OggOpusLength, "OGG", "OPUS"),
}


def tone(name: str, seconds: float) -> bytes:
    samples = np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)
    file = io.BytesIO()
    _, format, subtype = FORMATS[name]
    soundfile.write(file, (8000 * samples).astype(np.int16), RATE, format=format, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("size", [1, 100, 5000, 1 << 20])
def test_length_is_that_of_the_sound_however_it_arrives(name: str, size: int) -> None:
    length, data = FORMATS[name][0](), tone(name, 3.0)
    for start in range(0, len(data), size):
        length.feed(data[start : start + size])
    assert length.seconds == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("name", FORMATS)
def test_length_grows_with_every_part(name: str) -> None:
    length, data = FORMATS[name][0](), tone(name, 8.0)
    length.feed(data[: len(data) // 2])
    assert length.seconds == pytest.approx(4.0, abs=1.1)
    length.feed(data[len(data) // 2 :])
    assert length.seconds == pytest.approx(8.0, abs=0.1)


@pytest.mark.parametrize("name", FORMATS)
def test_streams_that_follow_each_other_add_up(name: str) -> None:
    length = FORMATS[name][0]()
    for _ in range(3):
        length.feed(tone(name, 1.0))
    assert length.seconds == pytest.approx(3.0, abs=0.3)


@pytest.mark.parametrize("name", FORMATS)
def test_other_data_has_no_length_and_is_not_kept(name: str) -> None:
    length = FORMATS[name][0]()
    for _ in range(10):
        length.feed(bytes(10000))
    assert length.seconds == 0
