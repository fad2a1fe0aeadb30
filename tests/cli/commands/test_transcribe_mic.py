"""``transcribe --mic`` without a microphone: options, recordings and the command to repeat."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stepcli.cli.commands.microphone import repeat_command
from tests.support.program import Program
from tests.support.recordings import reading, write_wav
from tests.support.service import Sandbox


@pytest.mark.parametrize(
    "arguments",
    [
        ("--mic", "talk.wav"),
        ("--live", "talk.wav"),
        ("--mic", "--last"),
        ("--last", "talk.wav"),
        ("--mic", "--pcm", "16000"),
        ("--keep", "a.wav", "talk.wav"),
        ("--duration", "3", "talk.wav"),
        ("--last", "--silence", "3"),
        ("--mic", "--silence", "0"),
        ("--mic", "--threshold", "1.5"),
        ("--mic", "--keep", "-"),
        ("--mic", "--keep", "nowhere/a.wav"),
        ("--mic", "-o", "nowhere/a.txt"),
        ("--mic", "-o", "a.wav", "--keep", "./a.wav"),
        ("--live", "--language", "Klingon!"),
    ],
)
def test_conflicting_options_are_refused_before_recording(
    stepcli: Program, service: Sandbox, arguments: tuple[str, ...]
) -> None:
    done = stepcli("transcribe", *arguments)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("stepcli: error: ")
    assert service.log() == []


def test_microphone_settings_from_the_environment_do_not_affect_files(
    stepcli: Program, tmp_path: Path
) -> None:
    sound = write_wav(tmp_path / "a.wav", reading("beckett"))
    settings = {"STEPCLI_SILENCE": "3", "STEPCLI_DURATION": "5", "STEPCLI_KEEP": "x.wav"}
    assert stepcli("transcribe", "-l", "en", sound, **settings).code == 0


def test_missing_key_is_reported_before_recording(offline: Program) -> None:
    assert offline("transcribe", "--mic").code == 3


def test_last_without_a_recording_is_a_usage_error(stepcli: Program) -> None:
    done = stepcli("transcribe", "--last")
    assert done.code == 2
    assert "hint: record one: stepcli transcribe --mic" in done.stderr


def test_last_transcribes_the_newest_recording(stepcli: Program, home: Path) -> None:
    """Then it is the only one that is kept."""
    recordings = home / ".local/state/stepcli/recordings"
    recordings.mkdir(parents=True)
    old = write_wav(recordings / "last.wav", bytes(32000))
    os.utime(old, (1, 1))
    write_wav(recordings / "mic-20260101-000000-1.wav", reading("beckett"))
    done = stepcli("transcribe", "--last", "-l", "en")
    assert done.code == 0, done.stderr
    assert "tried" in done.stdout.casefold()
    assert [path.name for path in recordings.iterdir()] == ["last.wav"]
    assert stepcli("transcribe", "--last", "-l", "en").stdout == done.stdout


def test_last_recording_is_kept_after_a_failure(
    stepcli: Program, service: Sandbox, home: Path
) -> None:
    recordings = home / ".local/state/stepcli/recordings"
    recordings.mkdir(parents=True)
    write_wav(recordings / "mic-20260101-000000-1.wav", reading("beckett"))
    service.fault("asr:*:500")
    assert stepcli("transcribe", "--last", "--retries", "0").code == 6
    service.reset()
    assert stepcli("transcribe", "--last", "-l", "en").code == 0


def test_repeat_command_keeps_options_other_than_those_of_recording() -> None:
    """Quoted for a shell."""
    asked = ["transcribe", "--mic", "-l", "en", "--silence=2", "--hotword", "Rock & Roll"]
    assert repeat_command(asked) == "stepcli transcribe --last -l en --hotword 'Rock & Roll'"
    asked = ["transcribe", "--live", "--device", "3", "-o", "a.srt", "--keep", "a b.wav"]
    assert repeat_command(asked, "a b.wav") == "stepcli transcribe 'a b.wav' -o a.srt"
