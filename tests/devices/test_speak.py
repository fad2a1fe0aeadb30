"""``speak`` with playback on a virtual sound card."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.devices.hearing import audible, last_audible
from tests.devices.rig import Rig, Samples, Speaker
from tests.devices.test_player import busy
from tests.support.program import INTERRUPTS, Program
from tests.support.service import Sandbox, sandbox

CALL = "Dinner is ready. Please come to the table."
SENTENCE = f"{CALL[:-1]} before it gets cold, all of you."
PARAGRAPH = " ".join(
    f"This is sentence number {n}, and it takes some time to say." for n in range(12)
)


@pytest.fixture
def program(stepcli: Program, speaker: Speaker) -> Program:
    """The program with the virtual speaker as its default device."""
    return Program(stepcli.home, stepcli.environ | speaker.environ)


def _sent(stepcli: Program, text: str, rate: int) -> Samples:
    """What the sandbox sends for ``text``: the same every time."""
    done = stepcli("speak", text, "-o", "sent.raw", "--sample-rate", str(rate))
    assert done.code == 0
    return np.frombuffer((stepcli.home / "sent.raw").read_bytes(), "<i2")


def _same(sent: Samples, recorded: Samples, rate: int) -> bool:
    """Whether ``recorded`` is ``sent`` from start to end, give or take ten milliseconds there.

    In between not a frame may be missing, added or moved.
    """
    slack = rate // 100
    heard, said = audible(recorded).astype(int), audible(sent).astype(int)
    if abs(len(heard) - len(said)) > 2 * slack:
        return False
    for shift in range(-slack, slack + 1):
        a, b = heard[max(0, shift) :], said[max(0, -shift) :]
        size = min(len(a), len(b))
        if np.abs(a[:size] - b[:size]).max() <= 2:
            return True
    return False


@pytest.mark.alone
@pytest.mark.parametrize("rate", [8000, 48000])
def test_received_audio_is_played_completely(stepcli: Program, rig: Rig, rate: int) -> None:
    """At each sample rate, with both cores busy: all of it, once, without a gap."""
    speaker = rig.speaker(rate)
    sent = _sent(stepcli, CALL, rate)
    with busy(2), speaker.record() as recording:
        done = stepcli("speak", CALL, "--sample-rate", str(rate), **speaker.environ)
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    assert _same(sent, recording.samples, rate)


def test_file_and_speaker_from_one_request(program: Program, speaker: Speaker) -> None:
    """``-o FILE --play`` plays and writes the audio of one request."""
    with speaker.record(24000) as recording:
        done = program("speak", SENTENCE, "-o", "both.flac", "--play", "--json")
    reported = json.loads(done.stdout)
    assert reported["requests"] == 1
    assert reported["underruns"] == 0
    assert (program.home / "both.flac").read_bytes()[:4] == b"fLaC"
    assert len(audible(recording.samples)) / 24000 == pytest.approx(reported["duration"], abs=0.2)


def test_answer_without_events_is_played(
    program: Program, service: Sandbox, speaker: Speaker
) -> None:
    """Sound is asked for as events; a service that answers plain bytes is understood."""
    with speaker.record() as recording:
        assert program("speak", "Hello there.").code == 0
    (entry,) = service.log("speech")
    assert entry["body"]["stream_format"] == "sse"
    assert entry["body"]["response_format"] == "pcm"
    assert len(audible(recording.samples)) > 0


@contextmanager
def _slow_sandbox(program: Program, *arguments: str) -> Iterator[Program]:
    with sandbox(*arguments) as slow:
        yield Program(program.home, program.environ | slow.environ)


@pytest.mark.delay
def test_audio_a_little_faster_than_real_time_plays_without_underrun(program: Program) -> None:
    """1.2 times real time and a late first byte: not one under-run."""
    with _slow_sandbox(program, "--pace", "1.2", "--latency", "0.3") as slow:
        reported = json.loads(slow("speak", PARAGRAPH[:90], "--json").stdout)
    assert reported["underruns"] == 0
    assert reported["first_audio_ms"] >= 300


def test_slow_audio_is_reported(program: Program, speaker: Speaker) -> None:
    """At 0.7 times real time playback pauses and resumes; the pauses are reported."""
    with _slow_sandbox(program, "--pace", "0.7") as slow, speaker.record(24000) as recording:
        done = slow("speak", SENTENCE, "--json", "--verbose")
    reported = json.loads(done.stdout)
    assert done.code == 0
    assert reported["underruns"] > 0
    assert "waited for audio" in done.stderr
    assert len(audible(recording.samples)) / 24000 > reported["duration"]


@pytest.mark.delay
@pytest.mark.parametrize(("number", "code"), INTERRUPTS)
@pytest.mark.parametrize("command", ["speak", "stream"])
def test_interrupt_silences_playback_at_once(
    program: Program, speaker: Speaker, command: str, number: signal.Signals, code: int
) -> None:
    """Ctrl-C and SIGTERM silence the sound within 150 ms of it, by the recording's own clock."""
    with speaker.record() as recording, program.started(command, PARAGRAPH[:600]) as run:
        recording.wait_for_sound()
        recording.wait_for(speaker.rate // 2)
        frames_before = recording.frames
        run.send_signal(number)
        run.communicate(timeout=20)
        recording.wait_for(speaker.rate // 2)
    assert run.returncode == code
    assert last_audible(recording.samples) - frames_before < 0.15 * speaker.rate


def test_unknown_or_ambiguous_device_costs_nothing(program: Program, service: Sandbox) -> None:
    """A device that is not there, or two that are, is exit 2 with the names; nothing is sent."""
    unknown = program("speak", "Hi.", "--device", "no such thing")
    assert unknown.code == 2
    assert "no such thing" in unknown.stderr
    ambiguous = program("speak", "Hi.", "--device", "kitchen")
    assert ambiguous.code == 2
    assert "kitchen_left" in ambiguous.stderr
    assert "kitchen_right" in ambiguous.stderr
    assert service.log() == []


def test_missing_device_costs_nothing(
    stepcli: Program, service: Sandbox, no_devices: dict[str, str]
) -> None:
    """Without any device nothing is spent: exit 7, and what to do."""
    done = stepcli("speak", "Hi.", **no_devices)
    assert done.code == 7
    assert "hint: " in done.stderr
    assert service.log() == []


def test_unplugged_device_keeps_the_audio(own_rig: Rig, stepcli: Program) -> None:
    """The received audio is kept and reported; the same command plays it."""
    speaker = own_rig.speaker()
    with ExitStack() as stack:
        recording = stack.enter_context(speaker.record())
        run = stack.enter_context(
            stepcli.started("speak", PARAGRAPH[:600], environ=speaker.environ)
        )
        recording.wait_for_sound()
        subprocess.run(["kill", "-KILL", str(own_rig.pid)], check=True)
        _, complaint = run.communicate(timeout=60)
    assert run.returncode == 7
    assert b"is kept in" in complaint
    kept = Path(complaint.decode().split("is kept in ")[1].split(";")[0])
    assert kept.read_bytes()[:4] == b"RIFF"


def test_wav_in_a_pipe_is_read_by_sox_without_a_warning(stepcli: Program) -> None:
    """``speak -o - | sox -`` without complaint, also of a text in many parts."""
    done = stepcli("speak", PARAGRAPH * 2, "-o", "-", "--format", "wav")
    played = subprocess.run(
        ["sox", "-t", "wav", "-", "-n", "stat"], input=done.out, capture_output=True, check=True
    )
    assert b"WARN" not in played.stderr
    assert b"Length (seconds)" in played.stderr
