"""Opening files of every format: the contents decide, not the name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stepcli.audio import decode, ffmpeg
from stepcli.audio.open import open_track
from stepcli.audio.sample_cache import SampleCache
from stepcli.audio.upload import UploadOptions, whole_upload
from stepcli.audio_types import PCM, UploadFormat
from stepcli.errors import UsageError
from tests.support.recordings import RATE, noise, silence, write_wav
from tests.support.segments import joined, split, split_as_is, uploaded
from tests.support.sounds import needs_ffmpeg

SECONDS = 12.0


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bursts of noise, so that a shift in time shows."""
    bursts = [noise(length / 10) + silence(0.4) for length in range(1, 13)]
    sound = b"".join(bursts)[: round(2 * SECONDS * RATE)]
    return write_wav(tmp_path_factory.mktemp("sounds") / "original.wav", sound)


def _convert(original: Path, name: str, *options: str) -> Path:
    path = original.with_name(name)
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(original), *options, str(path)]
    subprocess.run(command, check=True)
    return path


def _envelope(sound: bytes, rate: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the mean level in steps of 10 ms."""
    samples = np.abs(np.frombuffer(sound, "<i2").astype(float))
    step = rate // 100
    steps = samples[: len(samples) // step * step].reshape(-1, step)
    return np.asarray(steps.mean(axis=1))


def _alike(sound: bytes, path: Path, original: Path) -> None:
    """Assert that ``sound`` is the original, to 100 ms."""
    wanted = _envelope(original.read_bytes()[44:], RATE)
    got = _envelope(sound, RATE)
    assert abs(len(got) - len(wanted)) <= 10, path
    size = min(len(got), len(wanted))
    likeness = [
        np.corrcoef(np.roll(got[:size], shift), wanted[:size])[0, 1] for shift in range(-30, 31)
    ]
    assert abs(int(np.argmax(likeness)) - 30) <= 10, path
    assert max(likeness) > 0.9, path


KINDS = [
    ("a.flac", ()),
    ("a.aiff", ()),
    ("a.au", ()),
    ("a.caf", ()),
    ("stereo.flac", ("-ac", "2", "-ar", "44100")),
    ("deep.wav", ("-c:a", "pcm_s24le", "-ar", "48000")),
    ("float.wav", ("-c:a", "pcm_f32le")),
    ("law.wav", ("-c:a", "pcm_mulaw", "-ar", "8000")),
    ("a.mp3", ("-b:a", "64k")),
    ("vbr.mp3", ("-q:a", "5", "-ar", "44100")),
    ("a.ogg", ("-c:a", "libvorbis")),
    ("a.opus", ("-c:a", "libopus")),
    ("a.m4a", ()),
    ("a.mp4", ()),
    ("a.mkv", ()),
    ("a.webm", ("-c:a", "libopus")),
    ("a.wma", ()),
    ("a.aac", ()),
    ("a.ts", ()),
    ("plain44.wav", ("-ar", "44100", "-ac", "2")),
    ("plain24.wav", ("-ar", "24000")),
]


@needs_ffmpeg
@pytest.mark.parametrize(("name", "options"), KINDS, ids=[name for name, _ in KINDS])
def test_segments_of_any_format_are_parts_of_the_original(
    original: Path, name: str, options: tuple[str, ...]
) -> None:
    """Each has the size that it states."""
    path = _convert(original, name, *options)
    track = open_track(path)
    cut = split(track, 5.0)
    sound = joined(cut)
    if track.pcm.rate != RATE:
        sound = np.frombuffer(sound, "<i2").repeat(2)[::3].tobytes()
    assert len(cut) >= 3
    _alike(sound, path, original)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["gap.mkv", "gap.mp4"])
def test_gap_in_the_time_stamps_becomes_silence(original: Path, tmp_path: Path, name: str) -> None:
    """Browsers leave out silence: what follows must be at its own time."""
    path = _convert(original, name, "-af", "aselect=not(between(t\\,3\\,7.5))")
    sound = original.read_bytes()[44:]
    start, end = 2 * 3 * RATE, round(2 * 7.5 * RATE)
    wanted = write_wav(tmp_path / "a.wav", sound[:start], bytes(end - start), sound[end:])
    cut = split(open_track(path), 4.0)
    assert len(cut) >= 3
    _alike(joined(cut), path, wanted)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.opus", "plain44.wav"])
def test_accepted_formats_are_uploaded_as_they_are(original: Path, name: str) -> None:
    """If they are short enough."""
    path = _convert(original, f"whole-{name}", *dict(KINDS)[name])
    (segment,) = split_as_is(open_track(path))
    assert b"".join(segment.recording.open()) == path.read_bytes()
    assert segment.recording.container in ("mp3", "ogg", "wav")
    assert segment.end == pytest.approx(SECONDS, abs=0.15)


UNTAGGED = ("-q:a", "5", "-write_xing", "0", "-id3v2_version", "0")


@needs_ffmpeg
@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_mp3_without_a_tag_is_read_to_its_end(
    tmp_path: Path, seconds: float, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever duration the bitrate of the first frame suggests."""
    quiet = silence(seconds)
    original = write_wav(tmp_path / "a.wav", quiet + noise(4) + silence(1) + noise(3) + silence(4))
    path = _convert(original, "a.mp3", *UNTAGGED, "-ar", "44100")
    (whole,) = split_as_is(open_track(path))
    assert whole.recording.container == "mp3"
    assert whole.end == pytest.approx(12 + seconds, abs=0.1)
    _alike(joined(split(open_track(path), 5.0)), path, original)
    assert capfd.readouterr().err == ""


@needs_ffmpeg
def test_joined_mp3_files_are_read_to_their_end(
    original: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also with a picture at the end, and with ffmpeg if the rates differ."""
    one, other = (_convert(original, f"{rate}.mp3", "-ar", rate) for rate in ("24000", "44100"))
    path = original.with_name("joined.mp3")
    for parts in ((one, one), (one, other)):
        path.write_bytes(b"".join(part.read_bytes() for part in parts) + b"\xff\xd8pic" * 9999)
        sound = joined(split(open_track(path), 10.0))
        for half in (sound[: len(sound) // 4 * 2], sound[len(sound) // 4 * 2 :]):
            _alike(half, path, original)
    assert capfd.readouterr().err == ""


@needs_ffmpeg
@pytest.mark.parametrize("name", ["o.wav", "o.flac", "o.mp3", "o.m4a"])
def test_inverse_channels_are_never_uploaded_as_they_are(original: Path, name: str) -> None:
    """They cancel each other out in a mean, as those of a balanced microphone in a stereo input."""
    path = _convert(original, name, "-af", "pan=stereo|c0=c0|c1=-1*c0", "-ar", "44100")
    track = open_track(path)
    assert whole_upload(track, UploadOptions(UploadFormat.AS_IS)) is None
    _alike(joined(split(track)), path, original)


@needs_ffmpeg
def test_stereo_m4a_is_uploaded_as_it_is(original: Path) -> None:
    path = _convert(original, "stereo.m4a", "-ac", "2")
    (segment,) = split_as_is(open_track(path))
    assert uploaded(segment) == path.read_bytes()


@needs_ffmpeg
@pytest.mark.parametrize("name", ["small.mp3", "small.opus", "small.m4a"])
def test_small_file_is_uploaded_without_decoding(
    original: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _convert(original, name, "-ac", "1", "-ar", "16000", "-b:a", "24k")
    monkeypatch.setattr(SampleCache, "part", None)
    monkeypatch.setattr(decode, "sound_blocks", None)
    monkeypatch.setattr(ffmpeg, "_run", None)
    (segment,) = split(open_track(path), 600.0, UploadFormat.AUTO)
    assert uploaded(segment) == path.read_bytes()


@needs_ffmpeg
def test_nan_in_float_samples_is_silence(tmp_path: Path) -> None:
    """Infinity is full scale; no library prints a warning."""
    frames = np.array([[0.5, 0.5], [np.nan, 0.25], [np.inf, np.inf], [-3e38, -3e38], [2, -2]])
    soundfile.write(tmp_path / "odd.wav", frames, RATE, "FLOAT")
    sound = b"".join(open_track(tmp_path / "odd.wav").part(0, None))
    assert np.frombuffer(sound, "<i2").tolist() == [16384, 4096, 32767, -32768, 0]


def test_extension_does_not_matter(original: Path) -> None:
    """An m4a called .wav is converted, and so is a flac called .mp3."""
    for name, alias in (("b.m4a", "lie.wav"), ("b.flac", "lie.mp3"), ("b.flac", "lie.raw")):
        path = _convert(original, name).rename(original.with_name(alias))
        _alike(joined(split(open_track(path))), path, original)


def test_raw_mono_samples_are_uploaded_as_they_are(tmp_path: Path) -> None:
    """At a usual rate; an incomplete last sample is left out."""
    path = tmp_path / "a.raw"
    path.write_bytes(noise(1) + b"x")
    (segment,) = split_as_is(open_track(path, raw=PCM(RATE)))
    assert b"".join(segment.recording.open()) == noise(1)
    assert segment.recording.pcm == PCM(RATE)


def test_raw_stereo_is_mixed_before_it_is_split(tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(np.frombuffer(noise(4), "<i2").repeat(2).tobytes())
    track = open_track(path, raw=PCM(RATE, 2))
    cut = split(track, 2.5)
    assert cut[-1].end == pytest.approx(4.0, abs=0.01)
    assert b"".join(cut[0].recording.open()) == noise(4)[: cut[0].recording.size]


@pytest.mark.parametrize("shape", [PCM(RATE, 6), PCM(96000), PCM(15000)])
def test_raw_samples_of_unusual_shape_are_converted(tmp_path: Path, shape: PCM) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(silence(6) + b"x")
    (segment,) = split(open_track(path, raw=shape))
    assert segment.recording.pcm == PCM(RATE)
    assert segment.end == pytest.approx(shape.seconds(12 * RATE), abs=0.01)


def test_wav_of_unknown_length_is_uploaded_as_raw_samples(tmp_path: Path) -> None:
    """As a recording from a pipe: raw samples need no header."""
    path = write_wav(tmp_path / "a.wav", noise(1))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff" * 4
    path.write_bytes(data)
    (segment,) = split_as_is(open_track(path))
    assert b"".join(segment.recording.open()) == noise(1)


def _write(tmp_path: Path, data: bytes, name: str = "x.wav") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def _refusal(path: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        split(open_track(path))
    assert str(path) in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"just some words\n" * 50, "is not a sound file"),
        (np.random.default_rng(2).bytes(300_000), "is not a sound file"),
        (bytes(4000), "is not a sound file"),
    ],
    ids=["empty", "words", "noise", "zeros"],
)
@pytest.mark.parametrize("name", ["x.wav", "x.mp3", "x.m4a", "x.raw"])
def test_other_files_are_refused(tmp_path: Path, data: bytes, said: str, name: str) -> None:
    """Whatever their name."""
    assert said in _refusal(_write(tmp_path, data, name)).message


@pytest.mark.parametrize("name", ["x.raw", "x.PCM"])
def test_raw_samples_without_a_rate_name_the_option(tmp_path: Path, name: str) -> None:
    assert "--pcm RATE" in (_refusal(_write(tmp_path, bytes(4000), name)).hint or "")


def test_incomplete_header_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, b"RIFF\x24\0\0\0WAVEfmt ")
    assert "is not a sound file" in _refusal(path).message


def test_audio_of_no_length_is_refused(tmp_path: Path) -> None:
    assert "0 seconds" in _refusal(write_wav(tmp_path / "x.wav")).message


@needs_ffmpeg
@pytest.mark.parametrize("name", ["t.wav", "t.flac", "t.mp3", "t.ogg", "t.opus", "t.m4a", "t.mkv"])
def test_truncated_file_is_refused(original: Path, name: str) -> None:
    whole = _convert(original, name)
    path = whole.with_name(f"cut-{name}")
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert "is truncated" in _refusal(path).message


@needs_ffmpeg
def test_protected_file_is_refused_with_a_reason(original: Path) -> None:
    key = "76a6c65c5ea762046bd749a2e632ccbb"
    options = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key)
    path = _convert(original, "shop.mp4", *options, "-encryption_kid", key)
    refusal = _refusal(path)
    assert refusal.message.startswith(("ffmpeg found no audio", "ffmpeg cannot decode"))
    assert "protected" in (refusal.hint or "")


@needs_ffmpeg
def test_video_without_audio_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1", str(path)]
    subprocess.run(command, check=True)
    assert "contains video but no audio" in _refusal(path).message


def test_directories_pipes_and_missing_files_are_refused(tmp_path: Path) -> None:
    """At once, without waiting for a pipe."""
    assert "is a directory" in _refusal(tmp_path).message
    os.mkfifo(tmp_path / "pipe")
    refusal = _refusal(tmp_path / "pipe")
    assert refusal.hint == f"stepcli transcribe - < {tmp_path / 'pipe'}"
    assert "No such file" in _refusal(tmp_path / "nowhere").message


@needs_ffmpeg
def test_missing_ffmpeg_is_an_error_with_the_command_that_installs_it(
    original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _convert(original, "n.mkv")
    apt = original.parent / "bin"
    apt.mkdir()
    (apt / "apt-get").symlink_to(shutil.which("true") or "/bin/true")
    monkeypatch.setenv("PATH", str(apt))
    refusal = _refusal(path)
    assert "needs ffmpeg" in refusal.message
    assert refusal.hint == "sudo apt-get install ffmpeg"
