"""``--subtitles``: what another program reads in them, and whether it is where the sound is."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, probe

TEXT = "One is here. Two is there! Is three anywhere, or is it nowhere at all? The end."


def read_by_ffmpeg(path: Path) -> list[tuple[float, float, str]]:
    """The cues as ffmpeg understands them. Fails where it complains."""
    command = ["ffmpeg", "-v", "warning", "-xerror", "-i", str(path), "-f", "srt", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    blocks = done.stdout.decode().replace("\r\n", "\n").strip().split("\n\n")
    return [_cue(block) for block in blocks]


def _cue(block: str) -> tuple[float, float, str]:
    _, times, text = block.split("\n", 2)
    start, end = (_seconds(time) for time in times.split(" --> "))
    return start, end, text


def _seconds(time: str) -> float:
    hours, minutes, seconds, milliseconds = map(int, re.split("[:,]", time))
    return 3600 * hours + 60 * minutes + seconds + milliseconds / 1000


@needs_ffmpeg
@pytest.mark.parametrize("name", ["x.srt", "x.vtt"])
def test_subtitles_can_be_read_by_ffmpeg(stepcli: Program, name: str) -> None:
    """In order, without a gap, over the whole of the sound, with all of the text."""
    assert stepcli("stream", "-o", "x.wav", "--subtitles", name, input=TEXT).code == 0
    cues = read_by_ffmpeg(stepcli.home / name)
    assert [text for _, _, text in cues][:2] == ["One is here.", "Two is there!"]
    assert cues[0][0] == 0
    assert all(one[1] == following[0] > one[0] for one, following in pairwise(cues))
    assert cues[-1][1] == pytest.approx(probe(stepcli.home / "x.wav").duration, abs=0.001)
    assert " ".join(" ".join(text.split()) for _, _, text in cues) == TEXT


@needs_ffmpeg
def test_cue_starts_with_its_sentence(stepcli: Program, service: Sandbox) -> None:
    """Sentences of known length, also after a loss, within 50 ms of their place in the file."""
    service.fault("realtime:1:cut,after=9")
    assert stepcli("stream", "-o", "x.wav", "--subtitles", "x.srt", input=TEXT).code == 0
    cues = read_by_ffmpeg(stepcli.home / "x.srt")
    whole, rate = soundfile.read(stepcli.home / "x.wav", dtype="int16")
    for start, _, text in cues[:2]:
        stepcli("stream", "-o", "one.wav", text)
        one, _ = soundfile.read(stepcli.home / "one.wav", dtype="int16")
        assert abs(_place_of(one, whole, rate) - start) < 0.05


def _place_of(one: object, whole: object, rate: int) -> float:
    """Return the place of the sound `one` in `whole` in seconds."""
    sound, piece = np.asarray(whole, float), np.asarray(one, float)[: rate // 2]
    spectrum = np.fft.rfft(sound, 2 * len(sound)) * np.fft.rfft(piece, 2 * len(sound)).conj()
    return float(np.argmax(np.fft.irfft(spectrum)[: len(sound)])) / rate


def test_failed_run_leaves_no_subtitles(stepcli: Program, service: Sandbox) -> None:
    service.fault("realtime:*:cut,after=9")
    command = ("stream", "-o", "x.wav", "--subtitles", "x.srt", "--retries", "0")
    assert stepcli(*command, input=TEXT).code == 6
    assert not (stepcli.home / "x.srt").exists()
