"""``transcribe --mic`` with a simulated microphone.

The microphone delivers faster than real time; tests in real time are in
tests/devices.
"""

from __future__ import annotations

import json
import shlex
import signal
import stat
import subprocess
from pathlib import Path
from subprocess import PIPE

import pytest
import soundfile

from tests.support.in_process import InProcess
from tests.support.microphones import (
    FEW,
    PATIENTLY,
    VOICE,
    Microphone,
    length,
    recorded,
)
from tests.support.program import COMMAND, Program, until
from tests.support.raw_server import raw_server
from tests.support.recordings import BECKETT, RATE, silence
from tests.support.service import Sandbox
from tests.support.sounds import word_errors
from tests.support.terminal import on_terminal


class TestUtterance:
    """`--mic`: one utterance."""

    def test_pause_ends_the_recording(
        self, dictate: Program, microphone: Microphone, service: Sandbox, recordings: Path
    ) -> None:
        """The first word is transcribed; the recording is kept and private.

        What was said before a short pause is recognized while recording goes on.
        """
        microphone.hears(silence(1), VOICE)
        done = dictate("transcribe", "--mic")
        assert done.code == 0, done.stderr
        assert done.stdout.startswith("Ever")
        assert done.stdout.count("\n") == 1
        assert word_errors(BECKETT, done.stdout) <= 4
        assert "a pause of 1.2 s ends it" in done.stderr
        assert len(service.log("asr")) > 1
        (kept,) = recordings.iterdir()
        assert kept.name == "last.wav"
        assert length(kept) > 11
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert word_errors(done.stdout, dictate("transcribe", "--last").stdout) <= 4

    def test_duration_ends_the_recording(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        """Exactly, also in the middle of a word."""
        microphone.hears(VOICE)
        done = dictate("transcribe", "--mic", "--duration", "1.5", "--json")
        reported = json.loads(done.stdout)
        assert (reported["input"], reported["duration"]) == ("microphone", 1.5)
        assert "tried" in reported["text"]
        assert length(recordings / "last.wav") == 1.5

    @pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
    def test_first_signal_ends_the_recording(
        self, dictate: Program, microphone: Microphone, recordings: Path, sign: signal.Signals
    ) -> None:
        """What was said is transcribed; the exit code is 0."""
        microphone.hears(FEW)
        with dictate.started("transcribe", *PATIENTLY) as run:
            until(lambda: recorded(recordings, 3.9))
            run.send_signal(sign)
            out, err = run.communicate(timeout=60)
        assert run.returncode == 0, err
        assert out.startswith(b"Ever")
        assert length(recordings / "last.wav") >= 3.9

    def test_enter_ends_the_recording(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        """On a terminal, which shows the level."""
        microphone.hears(FEW, speed=6)
        with on_terminal(dictate, "transcribe", *PATIENTLY, stdout=PIPE) as screen:
            screen.wait_for("Enter, Ctrl-C or a pause of 3600 s")
            screen.wait_for("█")
            screen.wait_for("0:03")
            screen.type("\n")
            done = screen.finish()
        assert done.code == 0, screen.text
        assert done.stdout.startswith("Ever")
        assert length(recordings / "last.wav") > 3

    def test_piped_stdin_is_not_read(self, dictate: Program, microphone: Microphone) -> None:
        """It does not end the recording."""
        microphone.hears(FEW)
        script = f"{shlex.join(COMMAND)} transcribe --mic; cat"
        done = subprocess.run(
            ["sh", "-c", script],
            input=b"for cat\n",
            capture_output=True,
            env=dictate.environment(),
            cwd=dictate.home,
            check=True,
        )
        words, rest = done.stdout.splitlines()
        assert words.startswith(b"Ever")
        assert rest == b"for cat"

    def test_silence_is_not_sent(
        self, dictate: Program, service: Sandbox, microphone: Microphone, recordings: Path
    ) -> None:
        """Digital silence is explained; `--last` sends it anyway."""
        microphone.hears()
        done = dictate("transcribe", "--mic", "--duration", "3")
        assert (done.code, done.stdout) == (0, "")
        assert "no speech detected, so nothing was sent" in done.stderr
        assert done.stderr.count("digital silence") == 1
        assert service.log() == []
        assert length(recordings / "last.wav") == 3
        quiet = dictate("transcribe", "--mic", "-q", "--duration", "3")
        assert (quiet.code, quiet.stdout, quiet.stderr) == (0, "", "")
        reported = dictate("transcribe", "--mic", "--json", "--duration", "1")
        assert json.loads(reported.stdout)["text"] == ""

    def test_long_silence_before_the_first_word_is_not_sent(
        self, dictate: Program, service: Sandbox, microphone: Microphone
    ) -> None:
        """Times are those of the recording."""
        microphone.hears(silence(30), FEW)
        done = dictate("transcribe", "--mic", "--json")
        reported = json.loads(done.stdout)
        assert reported["segments"][0]["start"] == pytest.approx(30, abs=1)
        sent = [asked["body"]["audio"]["data"]["bytes"] for asked in service.log("asr")]
        assert sum(sent) < 2 * RATE * 10

    @pytest.mark.parametrize("flag", [(), ("--json",), ("-q",)], ids=["text", "json", "quiet"])
    def test_second_signal_cancels(
        self,
        dictate: Program,
        microphone: Microphone,
        recordings: Path,
        flag: tuple[str, ...],
    ) -> None:
        microphone.hears(FEW)
        with (
            raw_server(lambda connection, _: connection.recv(1)) as silent,
            dictate.started("transcribe", *PATIENTLY, *flag, "--base-url", silent.base) as run,
        ):
            until(lambda: recorded(recordings, 3.9))
            run.send_signal(signal.SIGINT)
            until(lambda: silent.requests)
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
        assert (run.returncode, out) == (-signal.SIGINT, b"")
        (kept,) = recordings.iterdir()
        hint = (
            json.loads(err.splitlines()[-1])["error"]["hint"] if "--json" in flag else err.decode()
        )
        assert f"the recording is kept: {kept}; try again: " in hint
        assert length(kept) >= 3.9

    def test_recording_of_a_killed_run_is_readable(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        """All but the last second is in it; `--last` transcribes it."""
        microphone.hears(FEW)
        with dictate.started("transcribe", *PATIENTLY) as run:
            until(lambda: recorded(recordings, 3.9))
            run.kill()
            run.wait()
        (kept,) = recordings.iterdir()
        assert length(kept) > 3
        assert dictate("transcribe", "--last").stdout.startswith("Ever")

    def test_lost_device_is_reported_after_the_transcript(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        """Exit code 7."""
        microphone.hears(FEW, endless=False)
        done = dictate("transcribe", "--mic")
        assert done.code == 7
        assert done.stdout.startswith("Ever")
        assert "stopped delivering audio" in done.stderr
        assert [path.name[:4] for path in recordings.iterdir()] == ["mic-"]


def test_gaps_in_the_recording_are_reported(
    service: Sandbox,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Busy:
        device, overflows = "Busy", 2

        def __init__(self, *_: object) -> None:
            pass

        def __enter__(self) -> list[bytes]:
            return [FEW]

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("stepcli.audio.recorder.Recorder", Busy)
    done = InProcess(home, service.environ)("transcribe", "--mic", "-l", "en")
    assert done.code == 0, done.stderr
    assert done.stdout.startswith("Ever")
    assert done.stderr.count("too busy to record everything: 2 gaps") == 1


class TestFailure:
    """A recording survives a failure."""

    @pytest.mark.parametrize("fault", [("500", 6), ("451", 10), ("402", 4)])
    def test_command_of_the_hint_transcribes_the_recording(
        self,
        dictate: Program,
        microphone: Microphone,
        service: Sandbox,
        recordings: Path,
        fault: tuple[str, int],
    ) -> None:
        service.fault(f"asr:*:{fault[0]}")
        microphone.hears(FEW)
        options = ("--hotword", "Beckett & Co", "--retries", "0", "-o", "said.txt")
        done = dictate("transcribe", "--mic", "--silence", "0.8", *options)
        assert (done.code, done.stdout) == (fault[1], "")
        (kept,) = recordings.iterdir()
        assert f"the recording is kept: {kept}; try again: " in done.stderr
        assert not (dictate.home / "said.txt").exists()
        service.reset()
        command = shlex.split(done.stderr.partition("try again: ")[2].splitlines()[0])
        assert command == ["stepcli", "transcribe", "--last", *options]
        again = dictate(*command[1:])
        assert again.code == 0, again.stderr
        assert (dictate.home / "said.txt").read_text().startswith("Ever")
        (asked,) = service.log("asr")
        assert asked["body"]["audio"]["input"]["transcription"]["hotwords"] == ["Beckett & Co"]

    def test_json_error_has_the_command_as_its_hint(
        self, dictate: Program, microphone: Microphone, service: Sandbox
    ) -> None:
        service.fault("asr:*:500")
        microphone.hears(FEW)
        done = dictate("transcribe", "--mic", "--json", "--retries", "0")
        error = json.loads(done.stderr.splitlines()[-1])["error"]
        assert (error["type"], done.stdout) == ("network", "")
        assert "try again: stepcli transcribe --last --json --retries 0" in error["hint"]

    @pytest.mark.parametrize("fails", [False, True])
    def test_unwritable_state_directory_is_replaced_by_the_temporary_one(
        self, dictate: Program, microphone: Microphone, service: Sandbox, fails: bool
    ) -> None:
        """The recording is kept there only if the transcription fails."""
        (dictate.home / ".local").touch()
        temporary = dictate.home / "temporary"
        temporary.mkdir()
        if fails:
            service.fault("asr:*:500")
        microphone.hears(FEW)
        done = dictate("transcribe", "--mic", "--retries", "0", TMPDIR=str(temporary))
        assert done.code == (6 if fails else 0), done.stderr
        assert done.stderr.count("cannot record into ") == 1
        kept = list(temporary.iterdir())
        assert len(kept) == fails
        for path in kept:
            assert f"try again: stepcli transcribe {path} --retries 0" in done.stderr
            assert length(path) >= 3.9

    def test_hint_names_the_file_of_keep(
        self, dictate: Program, microphone: Microphone, service: Sandbox
    ) -> None:
        service.fault("asr:*:500")
        microphone.hears(FEW)
        done = dictate("transcribe", "--mic", "--keep", "a b.flac", "--retries", "0")
        assert done.code == 6
        way_out = "kept: a b.flac; try again: stepcli transcribe 'a b.flac' --retries 0"
        assert way_out in done.stderr
        assert soundfile.info(dictate.home / "a b.flac").format == "FLAC"


class TestDevice:
    """`--device` and `--dry-run`."""

    def test_unknown_device_is_a_usage_error(self, dictate: Program, service: Sandbox) -> None:
        """The message lists the devices."""
        done = dictate("transcribe", "--mic", "--device", "nonesuch")
        assert done.code == 2
        assert "hint: there is " in done.stderr
        assert service.log() == []

    def test_configured_device_that_is_no_input_is_ignored(
        self, dictate: Program, microphone: Microphone
    ) -> None:
        microphone.hears()
        done = dictate("transcribe", "--mic", "--duration", "0.5", STEPCLI_DEVICE="nonesuch")
        assert done.code == 0, done.stderr

    def test_dry_run_names_the_microphone_and_the_cost(
        self, dictate: Program, service: Sandbox, recordings: Path
    ) -> None:
        """Nothing is recorded or sent."""
        done = dictate("transcribe", "--mic", "--dry-run")
        assert (done.code, done.stdout.startswith("microphone ")) == (0, True)
        assert "an hour of speech: about $0.022" in done.stdout
        reported = json.loads(dictate("transcribe", "--live", "--dry-run", "--json").stdout)
        assert reported["estimated_cost_per_hour"] == {"amount": 0.022, "currency": "USD"}
        assert service.log() == []
        assert not recordings.exists()


class TestKeep:
    """`--keep FILE`."""

    @pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.opus"])
    def test_keep_writes_the_whole_recording_in_the_format_of_its_name(
        self, dictate: Program, microphone: Microphone, recordings: Path, name: str
    ) -> None:
        """No other copy is kept."""
        microphone.hears(silence(1), FEW)
        done = dictate("transcribe", "--mic", "--keep", name, "--duration", "4.5")
        assert done.code == 0, done.stderr
        assert length(dictate.home / name) == pytest.approx(4.5, abs=0.1)
        assert list(recordings.iterdir()) == []

    def test_failed_keep_is_reported_after_the_transcript(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        """Exit code 8, with the place of the recording."""
        microphone.hears(FEW)
        done = dictate("transcribe", "--mic", "--keep", "/dev/full")
        assert done.code == 8
        assert done.stdout.startswith("Ever")
        (kept,) = recordings.iterdir()
        assert f"the recording is kept: {kept}; try again: stepcli transcribe --last" in done.stderr

    def test_keep_saves_silence_too(self, dictate: Program, microphone: Microphone) -> None:
        microphone.hears()
        assert dictate("transcribe", "--mic", "--keep", "a.wav", "--duration", "1").code == 0
        assert length(dictate.home / "a.wav") == 1
