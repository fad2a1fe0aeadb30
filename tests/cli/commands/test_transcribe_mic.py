"""``transcribe --mic`` without a microphone: options, recordings and the command to repeat."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stepcli.cli.commands.microphone import repeat_command
from tests.support.program import Program
from tests.support.recordings import RATE, reading, silence, write_wav
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
        ("--live", "-"),
        ("--mic", "--pcm", "16000", "-"),
        ("--live", "--pcm", "16000", "--device", "0", "-"),
        ("--live", "--pcm", "16000", "talk.raw"),
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
    asked = ["transcribe", "--toggle", "--interim", "2", "--replace", "a=b"]
    assert repeat_command(asked) == "stepcli transcribe --last --replace a=b"


FEW = reading("beckett")[: 2 * RATE * 4]


class TestPipe:
    """`--live --pcm RATE -`: raw samples from a pipe."""

    def test_utterances_are_printed_as_from_a_microphone(
        self, stepcli: Program, home: Path
    ) -> None:
        sound = silence(1) + FEW + silence(2) + FEW
        options = ("--live", "--pcm", "16000", "-l", "en", "-", "--keep", "said.wav")
        done = stepcli("transcribe", *options, input=sound)
        assert done.code == 0, done.stderr
        assert [line[:4] for line in done.stdout.splitlines()] == ["Ever", "Ever"]
        assert "recording; the end of stdin or Ctrl-C ends it" in done.stderr
        assert soundfile.info(home / "said.wav").frames == len(sound) // 2

    def test_other_rates_and_channels_are_converted(self, stepcli: Program) -> None:
        samples = np.frombuffer(FEW, "<i2").repeat(2)  # 32 kHz
        stereo = np.repeat(samples, 2).tobytes()
        done = stepcli("transcribe", "--live", "--pcm", "32000:2", "-l", "en", "-", input=stereo)
        assert done.stdout.startswith("Ever"), done.stderr

    def test_utterance_is_printed_while_the_pipe_is_open(self, stepcli: Program) -> None:
        """A pipe that delivers nothing for a while is not a failure; a signal ends the run."""
        options = ("--live", "--pcm", "16000", "-l", "en", "-")
        with stepcli.started("transcribe", *options, stdin=subprocess.PIPE) as run:
            assert run.stdin
            assert run.stdout
            run.stdin.write(FEW + silence(2) + b"\0")
            run.stdin.flush()
            assert run.stdout.readline().startswith(b"Ever")
            run.send_signal(signal.SIGINT)
            assert run.wait(60) == 0

    def test_command_of_the_hint_transcribes_the_recording(
        self, stepcli: Program, service: Sandbox
    ) -> None:
        service.fault("asr:*:500")
        options = ("--live", "--pcm", "16000", "-", "-l", "en", "--retries", "0")
        done = stepcli("transcribe", *options, input=FEW)
        assert done.code == 6
        assert "try again: stepcli transcribe --last -l en --retries 0" in done.stderr

    def test_dry_run_needs_no_device(self, stepcli: Program, service: Sandbox) -> None:
        done = stepcli("transcribe", "--live", "--pcm", "16000", "-", "--dry-run")
        assert done.stdout.startswith("stdin, an hour of speech: about $0.022")
        assert service.log() == []

    def test_connection_is_made_while_something_is_said(self, home: Path) -> None:
        """And the request is sent on it."""
        options = ("--live", "--pcm", "16000", "-l", "en", "-")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(60)
            service = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
            stepcli = Program(home, {"STEP_API_KEY": "key", "STEPCLI_BASE_URL": service})
            with stepcli.started("transcribe", *options, stdin=subprocess.PIPE) as run:
                assert run.stdin
                run.stdin.write(FEW[: 2 * RATE])
                run.stdin.flush()
                connection, _ = listener.accept()
                connection.setblocking(False)
                with pytest.raises(BlockingIOError):
                    connection.recv(1)
                run.stdin.write(silence(2))
                run.stdin.flush()
                connection.settimeout(60)
                assert connection.recv(4) == b"POST"
                connection.close()
