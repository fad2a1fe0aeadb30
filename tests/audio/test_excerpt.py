"""A part of a recording: exactly its samples, in every container, without decoding the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from stepcli.audio.excerpt import WHOLE, Excerpt
from stepcli.audio.open import open_track
from stepcli.audio_types import PCM
from stepcli.errors import UsageError
from tests.support.media import convert, join
from tests.support.recordings import RATE, noise, write_wav
from tests.support.sounds import needs_ffmpeg

Samples = np.ndarray[tuple[int], np.dtype[np.float64]]
LARGEST_SHIFT = 0.01
"""Seconds: the times of packets in WebM are rounded to milliseconds, and Opus has a pre-skip."""
PART = Excerpt(5.3, 8.1)
FORMATS = {
    "a.wav": (),
    "stereo.wav": ("-ac", "2"),
    "deep.wav": ("-c:a", "pcm_s24le", "-ar", "48000"),
    "adpcm.wav": ("-c:a", "adpcm_ima_wav"),
    "a.flac": (),
    "a.aiff": (),
    "a.mp3": (),
    "untagged.mp3": ("-write_xing", "0"),
    "vorbis.ogg": ("-c:a", "libvorbis"),
    "a.opus": (),
    "a.m4a": ("-b:a", "192k"),
    "a.aac": ("-b:a", "192k"),
    "a.ts": ("-c:a", "aac", "-b:a", "192k"),
    "a.webm": ("-c:a", "libopus"),
    "a.mkv": ("-c:a", "flac"),
    "a.wma": (),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("sounds") / "original.wav", noise(12))


def _shift(whole: Samples, part: Samples) -> int:
    """Return the frame of ``whole`` where ``part`` is found."""
    size = len(whole) + len(part)
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size))
    return int(np.fft.irfft(spectrum, size).argmax())


def _samples(path: Path, excerpt: Excerpt, raw: PCM | None = None) -> Samples:
    track = open_track(path, raw=raw, excerpt=excerpt)
    return np.frombuffer(b"".join(track.part(0, None)), "<i2").astype(float)


@needs_ffmpeg
@pytest.mark.parametrize("name", FORMATS)
def test_excerpt_is_a_slice_of_the_whole(original: Path, name: str) -> None:
    path = convert(original, original.with_name(name), *FORMATS[name])
    whole, part = _samples(path, WHOLE), _samples(path, PART)
    assert len(part) == round(2.8 * RATE)
    assert abs(_shift(whole, part) - round(PART.start * RATE)) <= LARGEST_SHIFT * RATE


@needs_ffmpeg
def test_excerpt_may_span_joined_recordings(original: Path, tmp_path: Path) -> None:
    ogg = convert(original, tmp_path / "a.ogg")
    joined = join(tmp_path / "joined.ogg", ogg, ogg)
    assert len(_samples(joined, Excerpt(11, 14.5))) == round(3.5 * RATE)
    assert len(_samples(joined, Excerpt(20))) == pytest.approx(4 * RATE, abs=RATE / 10)


def test_excerpt_of_raw_samples(tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(noise(3))
    part = _samples(path, Excerpt(1, 2.5), PCM(RATE))
    assert part.astype("<i2").tobytes() == noise(3)[2 * RATE : 5 * RATE]


def test_end_may_be_after_the_recording(original: Path) -> None:
    track = open_track(original, excerpt=Excerpt(11, 99))
    assert track.duration == 1.0
    assert track.whole is None


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "untagged.mp3", "a.m4a", "a.aac"])
@needs_ffmpeg
def test_start_after_the_end_is_a_usage_error(original: Path, name: str) -> None:
    path = convert(original, original.with_name(name), *FORMATS[name])
    with pytest.raises(UsageError, match="nothing is left"):
        _samples(path, Excerpt(60))


@needs_ffmpeg
def test_rest_is_not_decoded(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = convert(original, original.with_name("part.flac"))
    counted = []
    read = soundfile.SoundFile.read

    def counting(self: soundfile.SoundFile, *arguments: object, **more: object) -> object:
        block = read(self, *arguments, **more)
        counted.append(len(block))
        return block

    monkeypatch.setattr(soundfile.SoundFile, "read", counting)
    _samples(path, PART)
    assert sum(counted) < 4 * RATE
