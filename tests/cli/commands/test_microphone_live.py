"""``transcribe --live``, interim words and ``--toggle`` with a simulated microphone.

The microphone delivers faster than real time; tests in real time are in tests/devices.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import signal
import subprocess
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.support.microphones import (
    FEW,
    PAUSE,
    PHRASE,
    VOICE,
    Microphone,
    length,
    recorded,
)
from tests.support.program import COMMAND, Program, until
from tests.support.recordings import silence
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal


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
