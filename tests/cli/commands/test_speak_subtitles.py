"""``speak --subtitles``: words where they are in the sound, in every container."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support.in_process import InProcess
from tests.support.onsets import distances
from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, samples
from tests.support.varying_speech import VaryingSpeech, serving

TEXT = (
    "Cat is here! Dog is here! Bird is here! Table is here! Paper is here! Garden is here! "
    "Butter is here! Kitchen is here! Daughter is here! Picture is here! Tiger is here!"
)
"""Sentences with a pause before each."""
LONG = " ".join([TEXT] * 8)


def _segments(path: Path) -> list[dict[str, Any]]:
    segments: list[dict[str, Any]] = json.loads(path.read_text())["segments"]
    return segments


def _check_places(sound: Path, subtitles: Path) -> None:
    """Compare all cues but a few: between two parts there may be no silence to find."""
    starts = [segment["start"] for segment in _segments(subtitles)]
    away = distances(starts, samples(sound))
    assert np.median(away) < 0.02
    assert np.quantile(away, 0.9) < 0.05


@needs_ffmpeg
@pytest.mark.parametrize("text", [TEXT, LONG], ids=["one request", "several requests"])
@pytest.mark.parametrize("name", ["mp3", "opus", "flac", "wav"])
def test_cues_start_where_the_sound_does(
    run: InProcess, service: Sandbox, name: str, text: str
) -> None:
    done = run("speak", "-o", f"x.{name}", "--subtitles", "x.json", input=text)
    assert (done.code, done.stderr) == (0, "")
    _check_places(run.home / f"x.{name}", run.home / "x.json")
    words = [segment["text"] for segment in _segments(run.home / "x.json")]
    assert " ".join(words) == text
    assert sum(len(entry["body"]["input"]) for entry in service.log("speech")) == len(text)


def test_cues_start_where_the_sound_does_in_a_pipe(stepcli: Program) -> None:
    """Without the tag by which players skip the silence at the beginning of an MP3 file."""
    done = stepcli("speak", "-o", "-", "--format", "mp3", "--subtitles", "x.json", input=LONG)
    decoded, rate = soundfile.read(io.BytesIO(done.out))
    starts = [segment["start"] for segment in _segments(stepcli.home / "x.json")]
    assert distances(starts, decoded, rate).max() < 0.08


def test_word_times_are_requested_only_for_subtitles(run: InProcess, service: Sandbox) -> None:
    for more in ([], ["--subtitles", "x.srt"]):
        assert run("speak", "Hi there.", "-o", "x.wav", *more).code == 0
    plain, timed = (entry["body"] for entry in service.log("speech"))
    assert not {"timestamp", "stream_format"} & plain.keys()
    assert (timed["timestamp"], timed["stream_format"]) == (True, "sse")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("x.srt", r"1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\nHello there\.\n\n2\n"),
        ("x.vtt", r"WEBVTT\n\n00:00:00\.\d{3} --> .*\nHello <00:00:00\.\d{3}>there\.\n\n"),
        ("x.lrc", r"\[00:00\.\d\d\]Hello there\.\n\[00:0\d\.\d\d\]你好。\n$"),
    ],
)
def test_file_has_the_format_of_its_extension(run: InProcess, name: str, pattern: str) -> None:
    """Directions and Markdown are not in it."""
    text = "(warmly) **Hello** there. 你好（笑）。"
    done = run("speak", text, "--markdown", "-o", "x.wav", "--subtitles", name, "--word-times")
    assert done.code == 0, done.stderr
    assert re.match(pattern, (run.home / name).read_text())


def test_json_reports_the_file(run: InProcess) -> None:
    done = run("speak", "Hi.", "-o", "x.wav", "--subtitles", "x.vtt", "--json")
    assert json.loads(done.stdout)["subtitles"] == "x.vtt"


def test_batch_writes_a_file_beside_each_sound(run: InProcess) -> None:
    (run.home / "lines.txt").write_text("One is here.\nTwo is there.\n")
    done = run("speak", "--batch", "lines.txt", "--output-dir", "out", "--subtitles", "srt")
    assert done.code == 0, done.stderr
    for number, text in ((1, "One is here."), (2, "Two is there.")):
        assert (run.home / f"out/{number}.srt").read_text().splitlines()[2] == text
    assert done.stdout.count("\n") == 2


def test_failed_run_leaves_no_subtitles(run: InProcess, service: Sandbox) -> None:
    service.fault("speech:*:500")
    done = run("speak", "Hi.", "-o", "x.wav", "--subtitles", "x.srt", "--retries", "0")
    assert done.code == 6
    assert not (run.home / "x.srt").exists()


def test_unwritable_subtitles_cost_nothing(run: InProcess, service: Sandbox) -> None:
    done = run("speak", "Hi.", "-o", "x.wav", "--subtitles", "missing/x.srt")
    assert done.code == 2
    assert "missing" in done.stderr
    assert service.log("speech") == []
    assert run("speak", "-f", "a.srt", "-o", "x.wav", "--subtitles", "a.srt").code == 2


def test_kept_parts_keep_their_word_times(run: InProcess, service: Sandbox) -> None:
    """A part of an earlier run has the times that it had."""
    service.fault("speech:2:500")
    options = ("-o", "x.flac", "--subtitles", "x.json", "--jobs", "1", "--retries", "0")
    assert run("speak", LONG, *options).code == 6
    done = run("speak", LONG, *options, "--verbose")
    assert done.code == 0, done.stderr
    assert "no word times" not in done.stderr
    _check_places(run.home / "x.flac", run.home / "x.json")


def test_service_without_word_times_spreads_words_evenly(run: InProcess) -> None:
    with serving(VaryingSpeech()) as base:
        done = run(
            "speak", "Hi there.", "-o", "x.pcm", "--subtitles", "x.lrc", STEPCLI_BASE_URL=base
        )
    assert done.code == 0
    assert "the service sent no word times; the words in x.lrc" in done.stderr
    assert (run.home / "x.lrc").read_text() == "[00:00.00]Hi there.\n"


def test_script_has_cues_at_the_times_of_its_turns(run: InProcess) -> None:
    (run.home / "play.txt").write_text("Ann: Cat is here.\n[pause 1]\nBen: Dog is here.\n")
    cast = ("--cast", "Ann=lively-girl", "--cast", "Ben=vibrant-youth")
    done = run("speak", "--script", "play.txt", *cast, "-o", "x.wav", "--subtitles", "x.json")
    assert done.code == 0, done.stderr
    _check_places(run.home / "x.wav", run.home / "x.json")
    texts = [segment["text"] for segment in _segments(run.home / "x.json")]
    assert texts == ["Cat is here.", "Dog is here."]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("x.srt", ["Ann: Cat is here.", "Where?", "Ben: Dog is here.", "Ann: Yes."]),
        ("x.vtt", ["<v Ann>Cat is here.", "<v Ann>Where?", "<v Ben>Dog is here.", "<v Ann>Yes."]),
        ("x.lrc", ["]Ann: Cat is here.", "]Where?", "]Ben: Dog is here.", "]Ann: Yes."]),
        ("x.json", ['"speaker": "Ann", "text": "Where?"', '"speaker": "Ben", "text": "Dog']),
    ],
)
def test_cues_of_a_script_name_the_speaker(run: InProcess, name: str, lines: list[str]) -> None:
    (run.home / "play.txt").write_text("Ann: Cat is here. Where?\nBen: Dog is here.\nAnn: Yes.\n")
    cast = ("--cast", "Ann=lively-girl", "--cast", "Ben=vibrant-youth")
    done = run("speak", "--script", "play.txt", *cast, "-o", "x.wav", "--subtitles", name)
    assert done.code == 0, done.stderr
    written = (run.home / name).read_text()
    places = [written.index(line) for line in lines]
    assert places == sorted(places), written
