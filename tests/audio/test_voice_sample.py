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
def test_any_format_becomes_trimmed_mono_wav(
    tmp_path: Path, name: str, subtype: str | None, channels: int
) -> None:
    """At its own sample rate."""
    path = write_sample(tmp_path / name, 7, channels=channels, rate=48000, subtype=subtype)
    sample = read_voice_sample(path)
    assert sample.duration == pytest.approx(7.2, abs=0.15)
    assert sample.peak == pytest.approx(0.4, abs=0.05)
    assert sample.fits
    assert _heard(sample.wav) == (1, 48000, round(sample.duration * 48000))


@needs_ffmpeg
def test_m4a_is_converted_under_any_name(tmp_path: Path) -> None:
    """Also one that ffmpeg would take for an option or a protocol."""
    wav = write_sample(tmp_path / "a.wav", 7)
    odd = tmp_path / "-concat:a,b.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-i", wav, f"file:{odd}"], check=True)
    assert read_voice_sample(odd).duration == pytest.approx(7.2, abs=0.15)


def test_missing_ffmpeg_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "x.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(UsageError, match="ffmpeg"):
        read_voice_sample(tmp_path / "x.m4a")


@pytest.mark.parametrize("name", ["text.wav", "text.raw", "text.m4a"])
def test_text_is_refused_under_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("these are words\n" * 100)
    with pytest.raises(UsageError, match="not a sound file"):
        read_voice_sample(tmp_path / name)


def test_unreadable_path_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_voice_sample(tmp_path / "none.wav")
    with pytest.raises(UsageError, match="directory"):
        read_voice_sample(tmp_path)


def test_silence_is_refused(tmp_path: Path) -> None:
    """Also a file without frames."""
    for frames in (0, 48000):
        soundfile.write(tmp_path / "zero.wav", np.zeros(frames), 24000)
        with pytest.raises(UsageError, match="silent"):
            read_voice_sample(tmp_path / "zero.wav")


def test_only_silence_at_the_ends_is_trimmed(tmp_path: Path) -> None:
    """A pause between words stays, noise before and after does not."""
    rate = 16000
    noise = 0.002 * np.random.default_rng(1).standard_normal(rate * 2)
    word = 0.3 * np.sin(np.arange(rate) / 8)
    soundfile.write(tmp_path / "a.wav", np.concatenate([noise, word, noise, word, noise]), rate)
    assert read_voice_sample(tmp_path / "a.wav").duration == pytest.approx(4.2, abs=0.05)


@pytest.mark.parametrize(
    ("seconds", "fits"), [(4.6, False), (4.9, True), (9.7, True), (9.9, False)]
)
def test_duration_is_that_of_the_trimmed_audio(tmp_path: Path, seconds: float, fits: bool) -> None:
    path = write_sample(tmp_path / "a.wav", seconds, silence=6)
    assert read_voice_sample(path).fits is fits


def test_long_recording_is_refused_without_reading_all(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", np.full(301 * 8000, 0.1), 8000)
    with pytest.raises(UsageError, match="longer than 5 minutes"):
        read_voice_sample(tmp_path / "long.wav")
