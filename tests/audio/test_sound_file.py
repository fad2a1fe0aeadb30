"""``stepcli.audio.sound_file``: which bytes libsndfile opens, and where it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from stepcli.audio.sound_file import (
    libsndfile_version,
    opened_sound,
    skip_frames,
    sound_blocks,
    sound_duration,
)
from stepcli.audio_types import PCM
from stepcli.errors import UsageError
from tests.support.recordings import RATE, noise, write_wav


def test_range_of_a_file_is_opened_as_a_file(tmp_path: Path) -> None:
    one = write_wav(tmp_path / "one.wav", noise(1)).read_bytes()
    path = tmp_path / "two"
    path.write_bytes(b"before" + one + b"behind")
    with opened_sound(path, range(6, 6 + len(one))) as file:
        assert file is not None
        assert sound_duration(file, None, "two") == 1.0


def test_raw_samples_have_the_given_shape(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    path.write_bytes(noise(1))
    with opened_sound(path, PCM(RATE // 2, 2)) as file:
        assert file is not None
        assert (file.samplerate, file.channels, file.frames) == (RATE // 2, 2, RATE // 2)


def test_skipped_frames_are_not_read(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", noise(2))
    with opened_sound(path, None) as file:
        assert file is not None
        skip_frames(file, RATE // 2, "a.wav")
        assert sum(map(len, sound_blocks(file))) == 3 * RATE // 2


def test_file_without_audio_is_refused(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "empty.wav", b"")
    with opened_sound(path, None) as file:
        assert file is not None
        with pytest.raises(UsageError):
            sound_duration(file, None, "empty.wav")


def test_text_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("no audio")
    with opened_sound(path, None) as file:
        assert file is None


def test_missing_format_of_libsndfile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert libsndfile_version() == soundfile.__libsndfile_version__
    formats = dict(soundfile.available_formats())
    del formats["MP3"]
    monkeypatch.setattr(soundfile, "available_formats", lambda: formats)
    with pytest.raises(UsageError, match="does not support MP3"):
        libsndfile_version()
