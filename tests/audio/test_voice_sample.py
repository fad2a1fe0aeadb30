"""A voice sample: any sound in, mono wav out, without the silence around it."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stepcli.audio.voice_sample import read_voice_sample
from stepcli.errors import UsageError
from tests.support.sounds import needs_ffmpeg
from tests.support.voice_samples import write_sample


def _heard(wav: bytes) -> tuple[int, int, int]:
    with soundfile.SoundFile(io.BytesIO(wav)) as file:
        assert (file.format, file.subtype) == ("WAV", "PCM_16")
        return file.channels, file.samplerate, file.frames


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", None),
        ("a.wav", "FLOAT"),
        ("a.flac", None),
        ("a.mp3", None),
        ("a.ogg", "OPUS"),
        ("a.aiff", None),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_any_sound(tmp_path: Path, name: str, subtype: str | None, channels: int) -> None:
    """Whatever libsndfile reads becomes a complete mono wav at its own rate, trimmed."""
    path = write_sample(tmp_path / name, 7, channels=channels, rate=48000, subtype=subtype)
    sample = read_voice_sample(path)
    assert sample.duration == pytest.approx(7.2, abs=0.15)
    assert sample.peak == pytest.approx(0.4, abs=0.05)
    assert sample.fits
    assert _heard(sample.wav) == (1, 48000, round(sample.duration * 48000))


@needs_ffmpeg
def test_what_only_ffmpeg_reads(tmp_path: Path) -> None:
    """An m4a is converted, also under a name that ffmpeg would take for something else."""
    wav = write_sample(tmp_path / "a.wav", 7)
    odd = tmp_path / "-concat:a,b.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-i", wav, f"file:{odd}"], check=True)
    assert read_voice_sample(odd).duration == pytest.approx(7.2, abs=0.15)


def test_no_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ffmpeg would be needed and is not there, that is what is said."""
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "x.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(UsageError, match="ffmpeg"):
        read_voice_sample(tmp_path / "x.m4a")


@pytest.mark.parametrize("name", ["text.wav", "text.raw", "text.m4a"])
def test_no_sound(tmp_path: Path, name: str) -> None:
    """Text is refused under any name."""
    (tmp_path / name).write_text("these are words\n" * 100)
    with pytest.raises(UsageError, match="not a sound file"):
        read_voice_sample(tmp_path / name)


def test_missing_and_directory(tmp_path: Path) -> None:
    """What cannot be read is named with the reason."""
    with pytest.raises(UsageError, match="No such file"):
        read_voice_sample(tmp_path / "none.wav")
    with pytest.raises(UsageError, match="directory"):
        read_voice_sample(tmp_path)


def test_silence(tmp_path: Path) -> None:
    """A file of zeros, or without frames, is refused."""
    for frames in (0, 48000):
        soundfile.write(tmp_path / "zero.wav", np.zeros(frames), 24000)
        with pytest.raises(UsageError, match="silent"):
            read_voice_sample(tmp_path / "zero.wav")


def test_only_the_ends_are_trimmed(tmp_path: Path) -> None:
    """A pause between words stays, a room's noise before and after does not."""
    rate = 16000
    noise = 0.002 * np.random.default_rng(1).standard_normal(rate * 2)
    word = 0.3 * np.sin(np.arange(rate) / 8)
    soundfile.write(tmp_path / "a.wav", np.concatenate([noise, word, noise, word, noise]), rate)
    assert read_voice_sample(tmp_path / "a.wav").duration == pytest.approx(4.2, abs=0.05)


@pytest.mark.parametrize(
    ("seconds", "fits"), [(4.6, False), (4.9, True), (9.7, True), (9.9, False)]
)
def test_length_is_that_of_the_trimmed_sound(tmp_path: Path, seconds: float, fits: bool) -> None:
    """Silence does not help a short sample, nor count against a long one."""
    path = write_sample(tmp_path / "a.wav", seconds, silence=6)
    assert read_voice_sample(path).fits is fits


def test_far_too_long(tmp_path: Path) -> None:
    """An hour of audio is refused without being read into memory."""
    soundfile.write(tmp_path / "long.wav", np.full(301 * 8000, 0.1), 8000)
    with pytest.raises(UsageError, match="longer than 5 minutes"):
        read_voice_sample(tmp_path / "long.wav")
