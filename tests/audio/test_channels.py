"""Recordings with a speaker on each channel: every container, each channel alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stepcli.audio.channels import open_channels, split_channels
from stepcli.audio.excerpt import Excerpt
from stepcli.audio.track import Track
from stepcli.audio.upload import UploadOptions
from stepcli.audio_types import PCM
from stepcli.errors import UsageError
from tests.support.media import convert
from tests.support.recordings import RATE
from tests.support.sounds import needs_ffmpeg

FORMATS = {
    "a.wav": (),
    "deep.wav": ("-c:a", "pcm_s24le", "-ar", "48000"),
    "a.flac": (),
    "a.mp3": ("-b:a", "256k"),
    "a.ogg": ("-c:a", "libvorbis", "-q:a", "9"),
    "a.m4a": ("-b:a", "256k"),
    "a.mkv": ("-c:a", "flac"),
}


def tone(pitch: float, seconds: float = 3.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(0.3 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE))


def write(path: Path, *channels: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Path:
    soundfile.write(path, np.stack(channels, axis=1), RATE)
    return path


def _pitches(channels: Mapping[str, Track]) -> dict[str, int]:
    found = {}
    for name, track in channels.items():
        samples = np.frombuffer(b"".join(track.part(0, None)), "<i2").astype(float)[:RATE]
        found[name] = int(np.abs(np.fft.rfft(samples)).argmax())
    return found


@needs_ffmpeg
@pytest.mark.parametrize("name", FORMATS)
def test_each_channel_is_a_track(tmp_path: Path, name: str) -> None:
    original = write(tmp_path / "original.wav", tone(300), tone(700))
    path = convert(original, tmp_path / name, *FORMATS[name])
    assert _pitches(open_channels(path, name)) == {"Speaker1": 300, "Speaker2": 700}


@needs_ffmpeg
def test_more_than_two_channels(tmp_path: Path) -> None:
    pitches = range(200, 800, 100)
    path = write(tmp_path / "six.wav", *map(tone, pitches))
    assert [*_pitches(open_channels(path, "six")).values()] == list(pitches)
    aac = convert(path, tmp_path / "six.m4a", "-ac", "6")
    assert len(open_channels(aac, "six")) == 6


def test_channels_of_raw_samples_and_an_excerpt(tmp_path: Path) -> None:
    samples = np.stack([tone(300), tone(700)], axis=1)
    (tmp_path / "a.raw").write_bytes((32767 * samples).astype("<i2").tobytes())
    channels = open_channels(
        tmp_path / "a.raw", "a", ("Ann", "Ben"), PCM(RATE, 2), Excerpt(1.0, 2.5)
    )
    assert _pitches(channels) == {"Ann": 300, "Ben": 700}
    assert [track.duration for track in channels.values()] == [1.5, 1.5]


def test_channels_of_opposite_phase_are_not_lost(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(300), -tone(300))
    assert _pitches(open_channels(path, "a")) == {"Speaker1": 300, "Speaker2": 300}


@pytest.mark.parametrize(
    ("count", "speakers", "message"),
    [(1, (), "a has one channel"), (2, ("Ann", "Ben", "Cid"), "has 2 channels, not 3")],
)
def test_names_must_fit_the_channels(
    tmp_path: Path, count: int, speakers: tuple[str, ...], message: str
) -> None:
    path = write(tmp_path / "a.wav", *[tone(300)] * count)
    with pytest.raises(UsageError, match=message):
        open_channels(path, "a", speakers)


def test_silent_pieces_are_left_out(tmp_path: Path) -> None:
    """Those of the same time come together, so that the channels are recognized side by side."""
    silence = np.zeros(3 * RATE)
    path = write(
        tmp_path / "a.wav",
        np.concatenate([tone(300), silence, tone(300)]),
        np.concatenate([tone(700)] * 3),
        np.concatenate([silence] * 3),
    )
    channels = open_channels(path, "a", ("Ann", "Ben", "Cid"))
    pieces = list(split_channels(channels, UploadOptions(max_seconds=3.0)))
    assert {piece.speaker for piece in pieces} == {"Ann", "Ben"}
    starts = [piece.start for piece in pieces]
    assert all(later - earlier > -0.5 for earlier, later in pairwise(starts))
