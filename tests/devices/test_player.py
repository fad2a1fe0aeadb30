"""Player plays all samples exactly once, without gaps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stepcli.audio.player import LATENCY_SECONDS
from tests.devices.hearing import BLOCK, audible, found, last_audible, noise
from tests.devices.rig import Rig, Samples, Speaker

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-W", "error", "-m", "tests.devices.play"]
RATES = (8000, 16000, 24000, 48000)


@dataclass(frozen=True)
class Played:
    """The exit code and the output of a run of the player."""

    code: int
    reported: dict[str, Any]
    stderr: str


@dataclass(frozen=True)
class Playing:
    """A run of the player under way."""

    process: subprocess.Popen[str]

    def finish(self) -> Played:
        out, err = self.process.communicate(timeout=60)
        return Played(self.process.returncode, json.loads(out or "{}"), err)


@contextmanager
def playing(
    speaker: Speaker,
    sound: Samples,
    tmp_path: Path,
    *options: str,
    rate: int | None = None,
    urgent: bool = True,
) -> Iterator[Playing]:
    """The player, let run before all else where that is allowed: only then is a gap its own."""
    path = tmp_path / "sound.pcm"
    path.write_bytes(sound.tobytes())
    command = [*COMMAND, str(path), "--rate", str(rate or speaker.rate), *options]
    if urgent:
        command.append("--urgent")
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=os.environ | speaker.environ,
    ) as process:
        try:
            yield Playing(process)
        finally:
            process.kill()


def play(speaker: Speaker, sound: Samples, tmp_path: Path, *options: str, **more: Any) -> Played:
    with playing(speaker, sound, tmp_path, *options, **more) as run:
        return run.finish()


@contextmanager
def busy(processes: int) -> Iterator[Strain]:
    """So many processes that do nothing but use up the machine."""
    runs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        with strain() as felt:
            yield felt
    finally:
        for run in runs:
            run.kill()
            run.wait()


@dataclass
class Strain:
    """The longest time, in seconds, for which a sleeper was not woken.

    Far above what the test's own load causes, the machine was busy with something else as well.
    """

    longest: float = 0.0


@contextmanager
def strain() -> Iterator[Strain]:
    felt, over = Strain(), threading.Event()

    def feel() -> None:
        while not over.is_set():
            slept = time.monotonic()
            time.sleep(0.005)
            felt.longest = max(felt.longest, time.monotonic() - slept - 0.005)

    sleeper = threading.Thread(target=feel)
    sleeper.start()
    try:
        yield felt
    finally:
        over.set()
        sleeper.join()


def assert_same(heard: Samples, sent: Samples) -> None:
    """Frame for frame; a failure says where it begins."""
    common = min(len(heard), len(sent))
    (wrong,) = np.nonzero(heard[:common] != sent[:common])
    assert not len(wrong), f"{len(wrong)} frames of {common} differ, the first is {wrong[0]}"
    assert len(heard) == len(sent)


@pytest.mark.parametrize("rate", RATES)
def test_every_frame_is_played_once(rig: Rig, tmp_path: Path, rate: int) -> None:
    """Every frame is played, and nothing else, at each sample rate."""
    speaker, sound = rig.speaker(rate), noise(rate, 1)
    with speaker.record() as recording:
        run = play(speaker, sound, tmp_path)
        recording.wait_for(rate // 10)
    assert run.code == 0
    assert run.stderr == ""
    assert run.reported["underruns"] == 0
    assert run.reported["position"] == pytest.approx(1, abs=0.001)
    assert_same(audible(recording.samples), sound)


@pytest.mark.parametrize("rate", [RATES[0], RATES[-1]])
def test_every_frame_is_played_on_a_busy_machine(rig: Rig, tmp_path: Path, rate: int) -> None:
    """Two processes that occupy two cores do not affect playback."""
    speaker, sound = rig.speaker(rate), noise(rate, 2)
    for _ in range(5):
        with speaker.record() as recording, busy(2) as strain:
            run = play(speaker, sound, tmp_path, urgent=False)
            recording.wait_for(rate // 10)
        if strain.longest < LATENCY_SECONDS / 2:
            break
    assert (run.reported["underruns"], run.reported["xruns"]) == (0, 0), strain
    assert_same(audible(recording.samples), sound)


def test_audio_a_little_faster_than_real_time_plays_without_underrun(
    rig: Rig, tmp_path: Path
) -> None:
    """At 1.2 times real time, a tenth of a second at once, nothing breaks off."""
    speaker, sound = rig.speaker(24000), noise(24000, 3)
    with speaker.record() as recording:
        run = play(speaker, sound, tmp_path, "--pace", "1.2", "--block", "0.1")
        recording.wait_for(2400)
    assert run.reported["underruns"] == 0
    assert_same(audible(recording.samples), sound)


@pytest.mark.parametrize("milliseconds", [1, 10, 40, 150])
def test_short_audio_is_played_to_its_end(
    speaker: Speaker, tmp_path: Path, milliseconds: int
) -> None:
    """Audio shorter than the device buffer or the prefill is played to its end."""
    sound = noise(speaker.rate, milliseconds / 1000)
    with speaker.record() as recording:
        assert play(speaker, sound, tmp_path).code == 0
        recording.wait_for(speaker.rate // 10)
    assert_same(audible(recording.samples), sound)


def test_full_buffer_delays_the_writer(speaker: Speaker, tmp_path: Path) -> None:
    """A ring that is full, and goes round many times, holds the writer up and loses nothing."""
    sound = noise(speaker.rate, 2)
    with speaker.record() as recording:
        run = play(speaker, sound, tmp_path, "--ring", "0.15")
        recording.wait_for(speaker.rate // 10)
    assert run.reported["underruns"] == 0
    assert_same(audible(recording.samples), sound)


def test_slow_audio_pauses_and_is_counted(rig: Rig, tmp_path: Path) -> None:
    """At 0.7 times real time playback pauses and resumes; pauses are counted."""
    speaker, sound = rig.speaker(24000), noise(24000, 3)
    with speaker.record() as recording:
        run = play(speaker, sound, tmp_path, "--pace", "0.7")
        recording.wait_for(2400)
    places = np.array(found(sound, recording.samples, 24000))
    pauses = np.diff(places) / 24000 - BLOCK
    assert pauses.min() > -0.001, "a piece is heard twice"
    assert (pauses > 0.05).sum() == run.reported["underruns"]
    assert 1 <= run.reported["underruns"] <= 4
    assert run.code == 0


def test_suspended_program_plays_everything(speaker: Speaker, tmp_path: Path) -> None:
    """A program that is suspended pauses, plays everything, and counts the pause."""
    sound = noise(speaker.rate, 2)
    with speaker.record() as recording, playing(speaker, sound, tmp_path) as run:
        recording.wait_for_sound()
        run.process.send_signal(signal.SIGSTOP)
        recording.wait_for(round(0.4 * speaker.rate))
        run.process.send_signal(signal.SIGCONT)
        done = run.finish()
        recording.wait_for(speaker.rate // 10)
    places = np.array(found(sound, recording.samples, speaker.rate))
    pauses = np.diff(places) / speaker.rate - BLOCK
    assert pauses.min() > -0.001, "a piece is heard twice"
    assert pauses.max() > 0.2
    assert done.reported["xruns"] >= 1
    assert done.reported["underruns"] == 0
    assert (done.code, done.stderr) == (0, "")


def test_pauses_are_faded(rig: Rig, tmp_path: Path) -> None:
    """Around a pause a loud tone falls and rises in steps no larger than its own."""
    speaker = rig.speaker(24000)
    tone = (20000 * np.sin(np.arange(24000 * 2) * 2 * np.pi * 200 / 24000 + 0.1)).astype(np.int16)
    with speaker.record() as recording:
        run = play(speaker, tone, tmp_path, "--pace", "0.7")
        recording.wait_for(2400)
    assert run.reported["underruns"] >= 1
    heard = audible(recording.samples)[24:-24].astype(np.int32)
    assert np.abs(np.diff(heard)).max() <= 1.1 * np.abs(np.diff(tone.astype(np.int32))).max()


@pytest.mark.parametrize("seconds", [30, 6], ids=["in write", "in close"])
def test_interrupt_stops_within_the_device_buffer(
    speaker: Speaker, tmp_path: Path, seconds: int
) -> None:
    """After Ctrl-C only the device buffer is played, at most 150 ms."""
    sound = noise(speaker.rate, seconds)
    with speaker.record() as recording, playing(speaker, sound, tmp_path) as run:
        recording.wait_for_sound()
        recording.wait_for(speaker.rate)
        interrupted = recording.frames
        run.process.send_signal(signal.SIGINT)
        done = run.finish()
        recording.wait_for(speaker.rate // 2)
    silent = last_audible(recording.samples)
    assert done.code == 130
    assert -0.05 < (silent - interrupted) / speaker.rate <= 0.15
    assert done.reported["position"] == pytest.approx(
        len(audible(recording.samples)) / speaker.rate, abs=0.15
    )


@pytest.mark.parametrize("shape", [(44100, 2), (44100, 1), (24000, 2)])
def test_device_of_another_shape_gets_the_same_audio(
    rig: Rig, tmp_path: Path, shape: tuple[int, int]
) -> None:
    """A device that refuses the rate or mono gets the same sound at its own rate, in stereo."""
    speaker = rig.speaker(44100)
    sound = noise(24000, 1)
    with speaker.record(24000) as recording:
        run = play(speaker, sound, tmp_path, "--only", *map(str, shape), rate=24000)
        recording.wait_for(2400)
    assert run.code == 0
    places = np.array(found(sound, recording.samples, 24000))
    assert np.abs(places - places[0] - np.arange(len(places)) * BLOCK * 24000).max() <= 2
    assert run.reported["position"] == pytest.approx(1, abs=0.001)


def test_unplugged_device_is_an_error(own_rig: Rig, tmp_path: Path) -> None:
    """A device that goes away in the middle is an error, not a hang."""
    speaker = own_rig.speaker()
    with speaker.record() as recording, playing(speaker, noise(48000, 30), tmp_path) as run:
        recording.wait_for_sound()
        speaker.unplug()
        done = run.finish()
    assert (done.code, done.stderr) == (7, "")
    assert "stopped during playback" in done.reported["message"]
    assert done.reported["hint"]


def test_stuck_sound_server_is_an_error(own_rig: Rig, tmp_path: Path) -> None:
    """A sound server that no longer answers is an error, and the program still ends."""
    speaker = own_rig.speaker()
    with speaker.record() as recording, playing(speaker, noise(48000, 30), tmp_path) as run:
        recording.wait_for_sound()
        os.kill(own_rig.pid, signal.SIGSTOP)
        done = run.finish()
    assert done.code == 7
    assert "no longer accepts audio" in done.reported["message"]


def test_device_is_chosen_by_name(speaker: Speaker, tmp_path: Path) -> None:
    """A name means the device that it is, or is part of, and it plays."""
    sound = noise(speaker.rate, 0.2)
    with speaker.record() as recording:
        assert play(speaker, sound, tmp_path, "--device", "Kitchen_L").code == 0
        recording.wait_for(speaker.rate // 10)
    assert_same(audible(recording.samples), sound)


@pytest.mark.parametrize(
    ("device", "reported"),
    [("kitchen", ["kitchen_left", "kitchen_right"]), ("garage", ["garage", "default"])],
)
def test_unknown_or_ambiguous_device_is_a_usage_error(
    speaker: Speaker, tmp_path: Path, device: str, reported: list[str]
) -> None:
    """A name of several devices or of none is a usage error that names those there are."""
    run = play(speaker, noise(8000, 0.1), tmp_path, "--device", device)
    assert run.code == 2
    assert all(name in run.reported["message"] + run.reported["hint"] for name in reported)
