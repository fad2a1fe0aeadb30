"""The virtual sound card itself."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.devices.hearing import audible, found, noise
from tests.devices.rig import Rig, Samples, Speaker, running_rig

RATE = 48000
LISTEN = """
import sys, sounddevice
with sounddevice.RawInputStream(samplerate=48000, channels=1, dtype="int16", latency=0.2) as mic:
    print("listening", file=sys.stderr, flush=True)
    for _ in range(20):
        sys.stdout.buffer.write(mic.read(4800)[0])
"""


@pytest.fixture
def sound() -> Samples:
    return noise(RATE, 1)


@pytest.fixture
def wav(tmp_path: Path, sound: Samples) -> Path:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(sound.tobytes())
    return path


def test_played_file_is_recorded_frame_by_frame(
    speaker: Speaker, wav: Path, sound: Samples
) -> None:
    with speaker.record() as recording, speaker.play(wav) as playing:
        assert playing.wait() == 0
        recording.wait_for(RATE // 10)
    assert np.array_equal(audible(recording.samples), sound)


def test_default_input_records_what_is_played(speaker: Speaker, wav: Path, sound: Samples) -> None:
    command = [sys.executable, "-c", LISTEN]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=os.environ | speaker.environ, stdout=pipe, stderr=pipe
    ) as listener:
        assert listener.stderr
        assert listener.stderr.readline() == b"listening\n"
        with speaker.play(wav):
            heard, _ = listener.communicate()
    places = found(sound, np.frombuffer(heard, np.int16), RATE)
    assert places[-1] - places[0] == pytest.approx(RATE * 0.98, abs=10)


def test_second_rig_leaves_no_process_or_file(rig: Rig) -> None:
    with running_rig() as second:
        home = Path(second.environ["PULSE_RUNTIME_PATH"])
        assert second.pactl("list", "short", "sinks").count("\n") == 0
        assert home.is_dir()
    assert not home.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(second.pid, 0)
    assert rig.pactl("info")
