"""The audio that a command line names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stepcli.audio_types import PCM
from stepcli.cli.io.audio_input import InputSettings, audio_inputs, parse_pcm
from stepcli.cli.io.input_names import InputName
from stepcli.errors import UsageError
from tests.support.in_process import pipes
from tests.support.recordings import silence, write_wav

STDIN = InputName.of("-")


@pytest.mark.parametrize(
    ("text", "pcm"), [("16000", PCM(16000)), ("44100:2", PCM(44100, 2)), (None, None)]
)
def test_pcm_is_a_rate_and_channels(text: str | None, pcm: PCM | None) -> None:
    assert parse_pcm(text) == pcm


@pytest.mark.parametrize("text", ["", "0", "3999", "192001", "16000:", "16000:0", "16000:9", "x"])
def test_invalid_pcm_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--pcm must be RATE"):
        parse_pcm(text)


def test_repeated_stdin_is_a_usage_error() -> None:
    with pytest.raises(UsageError), audio_inputs([STDIN] * 2, InputSettings(), pipes()):
        pass


def test_names_for_messages_and_files() -> None:
    with audio_inputs(
        [InputName.of(name) for name in ("a/b.c.wav", "-")], InputSettings(), pipes()
    ) as inputs:
        assert [one.label for one in inputs] == ["a/b.c.wav", "stdin"]
        assert [one.stem for one in inputs] == ["b.c", "stdin"]
        assert inputs[0].path == Path("a/b.c.wav")


def test_stdin_is_copied_to_a_temporary_file_that_is_removed(tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "a.wav", silence(1))
    with (
        sound.open(encoding="latin-1") as stdin,
        audio_inputs([STDIN], InputSettings(), replace(pipes(), stdin=stdin)) as inputs,
    ):
        assert inputs[0].track().duration == 1
        path = inputs[0].path
        assert path.read_bytes() == sound.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert not path.exists()
