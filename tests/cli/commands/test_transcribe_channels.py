"""``transcribe --channels`` of a call mixed from human readings."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stepcli.audio.signal import find_quietest
from stepcli.audio_types import PCM
from stepcli.text.script import Turn, parse_script
from tests.support.in_process import InProcess
from tests.support.recordings import RATE, reading, write_wav
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

Samples = np.ndarray[tuple[int], np.dtype[np.float64]]
READINGS = {"Ann": "two_cities", "Ben": "endgame_nagg_nell"}
PARTS = 4
"""Turns that each reading is cut into."""
TURNS = 2
"""Turns of each speaker in the call."""
PAUSE = np.zeros(round(0.4 * RATE))
CROSSTALK = 0.2
"""What a channel has of the other one: -14 dB."""


def _turns(name: str) -> list[Samples]:
    """Return a reading cut at pauses."""
    samples = np.frombuffer(reading(name), "<i2").astype(float)
    places = [0]
    for number in range(1, PARTS):
        first = len(samples) * number // PARTS - 3 * RATE
        window = samples[first : first + 6 * RATE].astype("<i2").tobytes()
        places.append(first + find_quietest(window, PCM(RATE)).frame)
    return [np.asarray(turn) for turn in np.split(samples, places[1:])]


def _mixed(path: Path, turns: int) -> Path:
    """Write a call in which the two take turns, and each channel has some of the other one."""
    ann, ben = [], []
    for one, other in list(zip(*(_turns(name) for name in READINGS.values()), strict=True))[:turns]:
        ann += [one, PAUSE, np.zeros(len(other)), PAUSE]
        ben += [np.zeros(len(one)), PAUSE, other, PAUSE]
    left, right = np.concatenate(ann), np.concatenate(ben)
    mixed = np.stack([left + CROSSTALK * right, right + CROSSTALK * left], axis=1)
    soundfile.write(path, mixed.clip(-32768, 32767).astype("<i2"), RATE)
    return path


@pytest.fixture(scope="module")
def short_call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _mixed(tmp_path_factory.mktemp("calls") / "call.flac", 1)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def _on_another_speaker(said: dict[str, str], texts: dict[str, str]) -> float:
    """Return the share of the words that only the reading of the other speaker has there."""
    wrong = total = 0
    for name, text in said.items():
        wanted, got = _words(texts[name]), _words(text)
        others = {word for other in texts if other != name for word in _words(texts[other])}
        matcher = SequenceMatcher(None, wanted, got, autojunk=False)
        for kind, _, _, first, last in matcher.get_opcodes():
            wrong += sum(word in others for word in got[first:last]) if kind != "equal" else 0
        total += len(got)
    return wrong / total


def test_words_are_on_the_right_speaker(run: InProcess, home: Path) -> None:
    """The reference is what is recognized of each reading by itself."""
    texts = {}
    for name, text in READINGS.items():
        turns_alone = np.concatenate(_turns(text)[:TURNS])
        write_wav(home / f"{name}.wav", turns_alone.astype("<i2").tobytes())
        texts[name] = run("transcribe", "-l", "en", f"{name}.wav").stdout
    done = run("transcribe", "-l", "en", "--channels=Ann,Ben", _mixed(home / "call.flac", TURNS))
    assert done.code == 0, done.stderr
    turns = [one for one in parse_script(done.stdout, list(READINGS)) if isinstance(one, Turn)]
    assert len(turns) == 2 * TURNS
    said = {
        name: " ".join(turn.text for turn in turns if turn.speaker == name) for name in READINGS
    }
    assert _on_another_speaker(said, texts) <= 0.02
    assert all(word_errors(texts[name], said[name]) <= 15 for name in READINGS)


@pytest.mark.parametrize(
    ("format", "pattern"),
    [
        ("text", r"^Ann: It was .*\nBen: "),
        ("srt", r"^1\n[\d:,]+ --> [\d:,]+\nAnn: It was "),
        ("vtt", r"\n<v Ann>It was [\s\S]*\n<v Ben>"),
        ("lrc", r"^\[[\d:.]+\]Ann: It was "),
        ("tsv", r"^start\tend\tspeaker\ttext\n\d+\t\d+\tAnn\tIt was "),
        ("jsonl", r'"speaker": "Ben"'),
    ],
)
def test_every_format_has_the_speaker(
    run: InProcess, short_call: Path, format: str, pattern: str
) -> None:
    done = run("transcribe", "-l", "en", short_call, "--channels", "Ann,Ben", "--format", format)
    assert done.code == 0, done.stderr
    assert re.search(pattern, done.stdout), done.stdout[:400]


def test_silent_channel_costs_nothing(run: InProcess, service: Sandbox, home: Path) -> None:
    samples = np.frombuffer(reading("beckett"), "<i2")
    soundfile.write(home / "a.wav", np.stack([samples, np.zeros_like(samples)], axis=1), RATE)
    done = run("transcribe", "-l", "en", "--channels", "a.wav", "--json")
    assert done.code == 0, done.stderr
    reported = json.loads(done.stdout)
    assert {segment["speaker"] for segment in reported["segments"]} == {"Speaker1"}
    assert reported["text"].startswith("Speaker1: Ever tried.")
    assert len(service.log("asr")) == 1
    plan = json.loads(run("transcribe", "--channels", "a.wav", "--json", "--dry-run").stdout)
    assert plan["pieces"] == 1


def test_silence_on_all_channels_is_an_empty_transcript(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    soundfile.write(home / "a.wav", np.zeros((RATE, 2)), RATE)
    done = run("transcribe", "-l", "en", "--channels", "--format", "json", "a.wav")
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["segments"] == []
    assert service.log("asr") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--channels", "call.wav"), "call.wav has one channel"),
        (("call.wav", "--channels"), "call.wav has one channel"),
        (("--channels", "a,b.wav"), "a,b.wav has one channel"),
        (("--channels=", "call.wav"), "call.wav has one channel"),
        (("--channels", "--", "call.wav"), "call.wav has one channel"),
        (("--channels=Ann,Ann", "call.wav"), "--channels takes different names"),
        (("--channels", "Ann:,Ben", "call.wav"), "--channels takes different names"),
        (("--channels", "Ann,Ben"), "no input given"),
        (("--mic", "--channels"), "--channels requires INPUT"),
    ],
)
def test_names_are_optional(
    run: InProcess, home: Path, arguments: tuple[str, ...], message: str
) -> None:
    for name in ("call.wav", "a,b.wav"):
        soundfile.write(home / name, np.ones(RATE) / 9, RATE)
    done = run("transcribe", *arguments)
    assert done.code == 2
    assert message in done.stderr
