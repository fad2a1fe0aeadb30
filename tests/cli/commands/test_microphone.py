"""``transcribe --mic`` with a simulated microphone.

The microphone delivers faster than real time; tests in real time are in
tests/devices.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import signal
import stat
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE

import pytest
import soundfile

from tests.support.in_process import InProcess
from tests.support.microphones import Microphone, a_microphone
from tests.support.program import COMMAND, Program, until
from tests.support.raw_server import raw_server
from tests.support.recordings import RATE, reading, silence
from tests.support.service import Sandbox
from tests.support.sounds import word_errors
from tests.support.terminal import on_terminal

VOICE = reading("beckett")
FEW = VOICE[: 2 * RATE * 4]
SAID = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
PHRASE = VOICE[: 2 * round(1.2 * RATE)]
"""Two words without a pause, which make one request."""
PAUSE = silence(2)
PATIENTLY = ("--mic", "--silence", "3600")


@pytest.fixture
def microphone(tmp_path: Path) -> Iterator[Microphone]:
    with a_microphone(tmp_path / "alsa") as microphone:
        yield microphone


@pytest.fixture
def dictate(stepcli: Program, microphone: Microphone) -> Program:
    """The program with that microphone and an English locale."""
    return Program(
        stepcli.home, {**stepcli.environ, **microphone.environ, "STEPCLI_LANGUAGE": "en"}
    )


@pytest.fixture
def recordings(home: Path) -> Path:
    """Where recordings are."""
    return home / ".local/state/stepcli/recordings"


def length(path: Path) -> float:
    """Return the duration in seconds according to soundfile."""
    return float(soundfile.info(path).duration)


def recorded(recordings: Path, seconds: float) -> bool:
    """Whether so much is on disk of what is being recorded."""
    size = 44 + 2 * RATE * seconds
    return any(path.stat().st_size >= size for path in recordings.glob("mic-*"))


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
        assert word_errors(SAID, done.stdout) <= 4
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


class TestLive:
    """`--live`: one utterance after another."""

    def test_utterances_are_printed_in_order(
        self, dictate: Program, microphone: Microphone, service: Sandbox, recordings: Path
    ) -> None:
        """A slow response delays the next; none is lost."""
        service.fault("asr:1:stall,for=2,after=1")
        microphone.hears(silence(1), FEW, PAUSE, VOICE, PAUSE, FEW)
        done = dictate("transcribe", "--live", "--format", "jsonl", "--duration", "24.5")
        assert done.code == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert [line["type"] for line in lines] == ["utterance"] * 3
        assert [line["text"].startswith("Ever") for line in lines] == [True] * 3
        starts = [line["start"] for line in lines]
        assert starts == pytest.approx([0.7, 6.7, 18.7], abs=0.7)
        assert length(recordings / "last.wav") == 24.5

    def test_utterance_is_printed_before_the_next_is_spoken(
        self, dictate: Program, microphone: Microphone
    ) -> None:
        microphone.hears(FEW)
        with dictate.started("transcribe", "--live") as run:
            assert run.stdout is not None
            assert run.stdout.readline().startswith(b"Ever")
            run.send_signal(signal.SIGINT)
            assert run.communicate(timeout=60) == (b"", b"stepcli: recording; Ctrl-C ends it\n")
        assert run.returncode == 0

    def test_full_pipe_does_not_stop_the_recording(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        microphone.hears(FEW, PAUSE, FEW, PAUSE, FEW)
        reads, writes = os.pipe()
        size = fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 4096)
        os.write(writes, bytes(size))
        arguments = ("transcribe", "--live", "--duration", "30")
        with subprocess.Popen(
            [*COMMAND, *arguments], stdout=writes, env=dictate.environment(), cwd=dictate.home
        ) as run:
            os.close(writes)
            until(lambda: recorded(recordings, 30))
            with os.fdopen(reads, "rb") as pipe:
                words = pipe.read()[size:].splitlines()
            assert run.wait(60) == 0
        assert [line[:4] for line in words] == [b"Ever"] * 3

    @pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.tsv", "a.txt", "a.json", "a.jsonl"])
    def test_file_is_the_same_as_that_of_one_piece(
        self, dictate: Program, microphone: Microphone, name: str
    ) -> None:
        """One header, cues numbered through, times since the start."""
        microphone.hears(silence(1), FEW, PAUSE, FEW)
        done = dictate("transcribe", "--live", "--duration", "12", "-o", name)
        assert (done.code, done.stdout) == (0, ""), done.stderr
        _CHECKS[name]((dictate.home / name).read_text())

    def test_closed_pipe_ends_the_run_and_keeps_the_recording(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        microphone.hears(FEW)
        script = f"({shlex.join(COMMAND)} transcribe --live; echo $? >code) | head -1"
        done = subprocess.run(
            ["sh", "-c", script],
            capture_output=True,
            env=dictate.environment(),
            cwd=dictate.home,
            check=True,
        )
        assert done.stdout.startswith(b"Ever")
        assert b"error" not in done.stderr
        assert (dictate.home / "code").read_text() == "0\n"
        assert [path.name for path in recordings.iterdir()] == ["last.wav"]

    def test_failed_utterance_is_reported_and_the_others_are_printed(
        self, dictate: Program, microphone: Microphone, service: Sandbox, recordings: Path
    ) -> None:
        """The exit code is that of the failure; the recording is kept."""
        service.fault("asr:1:451")
        microphone.hears(PHRASE, PAUSE, PHRASE, PAUSE)
        options = ("--live", "--retries", "0", "--jobs", "1")
        done = dictate("transcribe", *options, "--duration", "6")
        assert done.code == 10
        assert done.stdout.count("\n") == 1
        assert " s: " in done.stderr
        assert "1 of 2 utterances are not transcribed" in done.stderr
        assert "try again: stepcli transcribe --last --retries 0 --jobs 1" in done.stderr
        assert [path.name[:4] for path in recordings.iterdir()] == ["mic-"]

    def test_network_cut_loses_nothing_and_is_reported_at_most_once(
        self, dictate: Program, microphone: Microphone, service: Sandbox
    ) -> None:
        """Utterances are printed in order when the service answers again."""
        service.fault("asr:2:500", "asr:3:500")
        microphone.hears(*[PHRASE, PAUSE] * 4)
        options = ("--live", "--retries", "0", "--jobs", "1", "--format", "jsonl")
        done = dictate("transcribe", *options, "--duration", "13")
        assert done.code == 0, done.stderr
        starts = [json.loads(line)["start"] for line in done.stdout.splitlines()]
        assert starts == sorted(starts)
        assert len(starts) == 4
        # The recording may be over before the failure is known.
        assert done.stderr.count("recording continues and is transcribed later") <= 1
        assert len(done.stderr.splitlines()) <= 2

    def test_incomplete_transcript_is_kept_under_another_name(
        self, dictate: Program, microphone: Microphone, service: Sandbox
    ) -> None:
        (dictate.home / "a.txt").write_text("as it was")
        service.fault("asr:2:451")
        microphone.hears(PHRASE, PAUSE, PHRASE, PAUSE)
        options = ("--live", "--retries", "0", "--jobs", "1")
        done = dictate("transcribe", *options, "--duration", "6", "-o", "a.txt")
        assert done.code == 10
        assert (dictate.home / "a.txt").read_text() == "as it was"
        assert (dictate.home / "a.partial.txt").read_text().startswith("Ever")
        assert "a.partial.txt" in done.stderr

    def test_refused_key_ends_the_recording(
        self, dictate: Program, microphone: Microphone, service: Sandbox
    ) -> None:
        service.fault("asr:*:401")
        microphone.hears(FEW, PAUSE, silence(600))
        done = dictate("transcribe", "--live")
        assert (done.code, done.stdout) == (3, "")
        assert "the recording is kept" in done.stderr


def _check_srt(text: str) -> None:
    cues = text.strip().split("\n\n")
    numbers = [int(cue.splitlines()[0]) for cue in cues]
    assert numbers == list(range(1, len(cues) + 1))
    assert len(numbers) >= 2
    assert cues[-1].splitlines()[1] > "00:00:07"


def _check_vtt(text: str) -> None:
    assert text.startswith("WEBVTT\n\n")
    assert text.count("WEBVTT") == 1
    assert text.count(" --> ") >= 2


def _check_tsv(text: str) -> None:
    head, *rows = text.splitlines()
    assert head == "start\tend\ttext"
    assert [int(row.split("\t")[0]) > 6000 for row in rows] == sorted(
        int(row.split("\t")[0]) > 6000 for row in rows
    )
    assert int(rows[-1].split("\t")[0]) > 6000


def _check_text(text: str) -> None:
    assert [line[:4] for line in text.splitlines()] == ["Ever"] * 2


def _check_json(text: str) -> None:
    reported = json.loads(text)
    assert (reported["pieces"], reported["duration"]) == (2, 12)
    assert reported["text"].count("Ever") >= 2
    assert reported["segments"][-1]["start"] > 6


def _check_jsonl(text: str) -> None:
    assert [json.loads(line)["start"] > 5 for line in text.splitlines()] == [False, True]


_CHECKS = {
    "a.srt": _check_srt,
    "a.vtt": _check_vtt,
    "a.tsv": _check_tsv,
    "a.txt": _check_text,
    "a.json": _check_json,
    "a.jsonl": _check_jsonl,
}


class TestInterim:
    """`--interim S`: words of the utterance that is being spoken."""

    def test_words_are_shown_on_a_terminal_before_the_utterance_ends(
        self, dictate: Program, microphone: Microphone
    ) -> None:
        """The final text goes to stdout alone, where it is not a terminal."""
        microphone.hears(silence(1), VOICE, speed=2)
        with on_terminal(dictate, "transcribe", "--live", stdout=PIPE) as screen:
            screen.wait_for("speaking")
            screen.wait_for("tried")
            screen.type("\n")
            done = screen.finish()
        assert done.code == 0, screen.text
        assert done.stdout.startswith("Ever tried")
        assert not any("tried" in line for line in screen.lines)

    def test_partial_lines_are_printed_if_asked_for(
        self, dictate: Program, microphone: Microphone
    ) -> None:
        """With --format jsonl; stable words do not change."""
        microphone.hears(silence(1), VOICE, PAUSE, speed=4)
        options = ("--live", "--format", "jsonl", "--interim", "1", "--duration", "13")
        done = dictate("transcribe", *options)
        assert done.code == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        kinds = [line["type"] for line in lines]
        assert kinds[0] == "partial"
        assert "utterance" in kinds
        first = lines[: kinds.index("utterance")]
        for one, other in pairwise(first):
            assert other["stable"].startswith(one["stable"])
            assert one["text"].startswith(one["stable"])
            assert one["start"] < one["end"] <= other["end"]

    @pytest.mark.parametrize(
        "options", [("--format", "jsonl"), ("--format", "jsonl", "--interim", "0"), ()]
    )
    def test_without_terminal_or_request_there_are_none(
        self, dictate: Program, microphone: Microphone, service: Sandbox, options: tuple[str, ...]
    ) -> None:
        microphone.hears(silence(1), PHRASE, PAUSE)
        done = dictate("transcribe", "--live", *options, "--duration", "4")
        assert "partial" not in done.stdout
        assert len(service.log("asr")) == 1


class TestToggle:
    """`--toggle`: the same command starts and ends a dictation."""

    def test_second_command_ends_the_dictation_of_the_first(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        """No pause does. Both exit with 0; the first prints the text."""
        microphone.hears(FEW)
        with dictate.started("transcribe", "--toggle") as run:
            until(lambda: recorded(recordings, 8))
            second = dictate("transcribe", "--toggle")
            out, err = run.communicate(timeout=60)
        assert (second.code, second.stdout) == (0, "")
        assert "the running dictation ends" in second.stderr
        assert run.returncode == 0, err
        assert out.startswith(b"Ever")

    def test_pause_ends_it_if_asked_for(self, dictate: Program, microphone: Microphone) -> None:
        microphone.hears(FEW)
        done = dictate("transcribe", "--toggle", "--silence", "1.2")
        assert (done.code, done.stdout[:4]) == (0, "Ever"), done.stderr

    def test_killed_dictation_does_not_keep_the_next_from_starting(
        self, dictate: Program, microphone: Microphone, recordings: Path
    ) -> None:
        microphone.hears(FEW, FEW, FEW, FEW, speed=4)
        with dictate.started("transcribe", "--toggle") as run:
            until(lambda: recorded(recordings, 1))
            run.kill()
            run.wait()
        done = dictate("transcribe", "--toggle", "--duration", "1.5")
        assert done.code == 0, done.stderr
        assert "recording; 1.5 s, Ctrl-C or the same command ends it" in done.stderr
