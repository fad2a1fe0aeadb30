"""``--subtitles``: what another program reads in them, and whether it is where the sound is."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.support.in_process import InProcess
from tests.support.onsets import distances
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, probe, samples

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
def test_subtitles_can_be_read_by_ffmpeg(run: InProcess, name: str) -> None:
    """In order, with all of the text."""
    assert run("stream", "-o", "x.wav", "--subtitles", name, input=TEXT).code == 0
    cues = read_by_ffmpeg(run.home / name)
    assert [text for _, _, text in cues][:2] == ["One is here.", "Two is there!"]
    assert all(one[1] <= following[0] for one, following in pairwise(cues))
    assert cues[-1][1] <= probe(run.home / "x.wav").duration
    assert " ".join(" ".join(text.split()) for _, _, text in cues) == TEXT


@needs_ffmpeg
@pytest.mark.parametrize("name", ["mp3", "opus", "flac", "wav"])
def test_cues_start_where_the_sound_does(run: InProcess, service: Sandbox, name: str) -> None:
    """Also after a lost session, whose times begin anew."""
    service.fault("realtime:1:cut,after=9")
    text = "Now, cat is here! Now, dog is here! Now, bird is here! Now, tiger is here!"
    done = run("stream", "-o", f"x.{name}", "--subtitles", "x.json", text)
    assert done.code == 0
    assert "reconnecting" in done.stderr
    segments = json.loads((run.home / "x.json").read_text())["segments"]
    assert " ".join(segment["text"] for segment in segments) == text
    after_commas = [segment["words"][1]["start"] for segment in segments]
    away = distances(after_commas, samples(run.home / f"x.{name}"))
    assert np.median(away) < 0.02
    assert (away < 0.05).sum() >= 3


@needs_ffmpeg
@pytest.mark.parametrize("wire_format", ["mp3_stream", "opus_stream"])
@pytest.mark.parametrize("rate", [16000, 24000])
def test_words_of_compressed_sound_are_where_they_are_heard(
    run: InProcess, wire_format: str, rate: int
) -> None:
    """Although MP3 adds silence before the sound, and ffmpeg could discard the first packet."""
    text = "Now, cat is here! Now, dog is here! Now, bird is here! Now, tiger is here!"
    wire = ("--wire-format", wire_format, "--sample-rate", str(rate))
    assert run("stream", "-o", "x.wav", *wire, "--subtitles", "x.json", text).code == 0
    segments = json.loads((run.home / "x.json").read_text())["segments"]
    after_commas = [segment["words"][1]["start"] for segment in segments]
    assert np.median(distances(after_commas, samples(run.home / "x.wav"))) < 0.015


def test_failed_run_leaves_no_subtitles(run: InProcess, service: Sandbox) -> None:
    service.fault("realtime:*:cut,after=9")
    command = ("stream", "-o", "x.wav", "--subtitles", "x.srt", "--retries", "0")
    assert run(*command, input=TEXT).code == 6
    assert not (run.home / "x.srt").exists()
