"""Uploads are small, have the announced size, and their sound is in time in every decoder."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stepcli.audio.open import open_track
from stepcli.audio.track import MAX_UPLOAD_BYTES, SPEECH, Track
from stepcli.audio.upload import UploadOptions, piece_upload, whole_upload
from stepcli.audio_types import PCM, Recording, UploadFormat
from tests.support.recordings import RATE, noise, reading, silence, write_wav
from tests.support.segments import split, uploaded
from tests.support.sounds import needs_ffmpeg

Samples = NDArray[np.int16]


def mp3(sound: bytes, pcm: PCM = SPEECH) -> bytes:
    """Return ``sound`` as it is uploaded in MP3."""
    (segment,) = split(_track(sound, pcm), format=UploadFormat.MP3)
    assert segment.recording.container == "mp3"
    return uploaded(segment)


def _track(sound: bytes, pcm: PCM = SPEECH, block: int = 7001) -> Track:
    def part(start: int, stop: int | None) -> Iterator[bytes]:
        wanted = sound[2 * start : None if stop is None else 2 * stop]
        return (wanted[i : i + block] for i in range(0, len(wanted), block))

    return Track(pcm, part, pcm.seconds(len(sound)))


def _libsndfile(data: bytes) -> Samples:
    samples: Samples = soundfile.read(io.BytesIO(data), dtype="int16")[0]
    return samples


def _ffmpeg(data: bytes) -> Samples:
    command = ("ffmpeg", "-v", "error", "-f", "mp3", "-i", "-", "-f", "s16le", "-")
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.int16)


def _without_tag(data: bytes) -> Samples:
    """Decode as a decoder does that knows no tags."""
    return _libsndfile(data.replace(b"Info", b"none", 1))


def _delay(decoded: Samples, sound: bytes) -> float:
    """Return by how many seconds ``decoded`` is later than ``sound``."""
    original = np.frombuffer(sound, np.int16)
    size = 1 << (len(original) + len(decoded)).bit_length()
    one, other = (np.fft.rfft(samples.astype(float), size) for samples in (decoded, original))
    best = int(np.argmax(np.fft.irfft(one * np.conj(other), size)))
    return (best - size if best > size // 2 else best) / RATE


@needs_ffmpeg
@pytest.mark.parametrize("decode", [_libsndfile, _ffmpeg, _without_tag])
def test_quiet_beginning_is_in_time_in_every_decoder(decode: Callable[[bytes], Samples]) -> None:
    sound = silence(0.1) + reading("beckett")[: 2 * 5 * RATE]
    assert abs(_delay(decode(mp3(sound)), sound)) < 0.001


@needs_ffmpeg
@pytest.mark.parametrize("decode", [_libsndfile, _ffmpeg])
def test_loud_beginning_is_complete_and_in_time(decode: Callable[[bytes], Samples]) -> None:
    """In decoders that know the tag with the delay of the encoder."""
    sound = noise(1) + reading("beckett")[: 2 * 3 * RATE]
    decoded = decode(mp3(sound))
    assert abs(_delay(decoded, sound)) < 0.001
    loud = [np.abs(samples[:800].astype(float)).mean() for samples in (decoded, _values(sound))]
    assert loud[0] == pytest.approx(loud[1], rel=0.5)


def _values(sound: bytes) -> Samples:
    return np.frombuffer(sound, np.int16)


@given(st.integers(1, 5000), st.booleans(), st.sampled_from([8000, 16000, 24000]))
def test_size_is_known_before_the_sound_is_encoded(frames: int, quiet: bool, rate: int) -> None:
    """Whether the sound begins quietly or not, and at any rate."""
    pcm = PCM(rate)
    sound = bytes(2 * frames) if quiet else noise(1)[: 2 * frames]
    recording = piece_upload(_track(sound, pcm), len(sound) // 2, UploadFormat.MP3)
    assert len(b"".join(recording.open())) == recording.size


@pytest.mark.parametrize("rate", [8000, 24000])
def test_other_rates_are_resampled(rate: int) -> None:
    sound = silence(0.2) + reading("beckett")[: 2 * 2 * RATE]
    same = np.interp(
        np.arange(0, len(sound) // 2, RATE / rate), np.arange(len(sound) // 2), _values(sound)
    )
    decoded = _libsndfile(mp3(same.astype(np.int16).tobytes(), PCM(rate)))
    assert abs(_delay(decoded, sound)) < 0.002


def test_mp3_takes_40_kbit_per_second() -> None:
    assert len(mp3(noise(60))) == pytest.approx(60 * 5000, rel=0.01)


@pytest.mark.parametrize("begin", [silence(1), noise(1)], ids=["quiet", "loud"])
def test_longest_mp3_is_below_the_size_limit(begin: bytes) -> None:
    options = UploadOptions(UploadFormat.MP3, 3600.0)
    track = _track(begin)
    frames = round(options.longest_piece(track) * RATE)
    size = piece_upload(track, frames, UploadFormat.MP3).size
    assert MAX_UPLOAD_BYTES - 1000 < size <= MAX_UPLOAD_BYTES


def _of_size(size: int, seconds: float = 10.0, *, decodable: bool = True) -> Track:
    whole = Recording("ogg", size, lambda: iter([bytes(size)]))
    return Track(PCM(RATE), lambda _start, _stop: iter([]), seconds, whole, decodable)


@pytest.mark.parametrize(
    ("track", "format", "as_is"),
    [
        (_of_size(50_000), UploadFormat.AUTO, True),
        (_of_size(51_000), UploadFormat.AUTO, False),
        (_of_size(51_000, decodable=False), UploadFormat.AUTO, True),
        (_of_size(51_000), UploadFormat.AS_IS, True),
        (_of_size(MAX_UPLOAD_BYTES + 1), UploadFormat.AS_IS, False),
        (_of_size(MAX_UPLOAD_BYTES + 1, decodable=False), UploadFormat.AUTO, False),
        (_of_size(50_000, 700.0), UploadFormat.AUTO, False),
        (_of_size(50_000, 700.0, decodable=False), UploadFormat.AUTO, True),
        (_of_size(50_000), UploadFormat.MP3, False),
        (_of_size(50_000), UploadFormat.PCM, False),
    ],
)
def test_input_is_sent_as_it_is(track: Track, format: UploadFormat, as_is: bool) -> None:
    """If its MP3 would not be smaller, if that is requested, or if it cannot be converted."""
    assert (whole_upload(track, UploadOptions(format)) is not None) == as_is


def test_wav_is_compressed_by_default(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", noise(3))
    (segment,) = split(open_track(path), format=UploadFormat.AUTO)
    assert segment.recording.container == "mp3"
    assert segment.recording.size < path.stat().st_size / 5
