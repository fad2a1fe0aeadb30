"""``stream`` with playback on a virtual sound card."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest

from tests.devices.hearing import audible, last_audible
from tests.devices.rig import Speaker
from tests.support.program import Program
from tests.support.terminal import CTRL_C, CTRL_D, on_terminal

PARAGRAPH = " ".join(f"This is sentence number {n}, and it takes some time." for n in range(8))


@pytest.fixture
def program(stepcli: Program, speaker: Speaker) -> Program:
    """The program with the virtual speaker as its default device."""
    return Program(stepcli.home, stepcli.environ | speaker.environ)


def test_played_and_written_audio_are_the_same(program: Program, speaker: Speaker) -> None:
    """``-o FILE --play`` writes exactly what is played."""
    with speaker.record(24000) as recording:
        done = program("stream", PARAGRAPH[:120], "-o", "both.raw", "--play", "--json")
    reported = json.loads(done.stdout)
    assert done.code == 0
    assert reported["underruns"] == 0
    kept = np.frombuffer((program.home / "both.raw").read_bytes(), "<i2")
    assert len(audible(recording.samples)) == pytest.approx(len(audible(kept)), abs=480)


@pytest.mark.delay
def test_pause_in_the_text_is_not_an_underrun(program: Program, speaker: Speaker) -> None:
    """Sound that ends because the text does is silence, not a fault."""
    with (
        speaker.record(24000) as recording,
        program.started("stream", "--json", stdin=subprocess.PIPE) as run,
    ):
        assert run.stdin
        assert run.stdout
        run.stdin.write(b"Hello there. ")
        run.stdin.flush()
        recording.wait_for_sound()
        recording.wait_for(round(2.5 * 24000))
        run.stdin.write(b"Good bye.")
        run.stdin.close()
        reported = json.loads(run.stdout.read())
        assert run.wait(30) == 0
    assert reported["underruns"] == 0
    assert reported["sentences"] == 2
    assert len(audible(recording.samples)) / 24000 > 2


@pytest.mark.delay
def test_interrupt_at_the_prompt_silences_the_line(program: Program, speaker: Speaker) -> None:
    with speaker.record() as recording, on_terminal(program, "stream") as screen:
        screen.wait_for_next("> ")
        screen.type(PARAGRAPH[:400] + "\n")
        recording.wait_for_sound()
        recording.wait_for(speaker.rate // 2)
        frames_before = recording.frames
        screen.type(CTRL_C)
        screen.wait_for_next("> ")
        screen.type(CTRL_D)
        assert screen.finish().code == 0
        recording.wait_for(speaker.rate // 2)
    assert last_audible(recording.samples) - frames_before < 0.15 * speaker.rate
