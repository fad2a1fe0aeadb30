"""``speak --script`` and ``speak --timed``: several voices, pauses and times in one sound."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from stepcli.audio.signal import speech_power
from stepcli.audio_types import PCM
from tests.support.in_process import InProcess
from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, probe, samples

SCRIPT = """\
# A scene
Anna: Good morning, Ben.
Ben: Not at all. The train at 10:30 was loud.
[pause 1.25]
Anna: Then let us have some coffee.
"""
CAST = ("--cast", "Anna=lively-girl", "--cast", "Ben=zixinnansheng, instruction=tired, speed=0.9")
SUBTITLES = """\
1
00:00:01,000 --> 00:00:03,000
Good morning, everybody.

2
00:00:03,500 --> 00:00:04,000
This sentence is far too long for its time.

3
00:00:07,000 --> 00:00:09,000
We are on time again.
"""


@pytest.fixture(autouse=True)
def written(home: Path) -> Path:
    (home / "play.txt").write_text(SCRIPT)
    (home / "talk.srt").write_text(SUBTITLES)
    return home


def onsets(path: Path) -> list[float]:
    """Return the seconds at which sound begins after at least 0.4 s of silence."""
    loud = np.flatnonzero(np.abs(samples(path)) > 0.003) / 24000
    return [float(loud[0]), *loud[1:][np.diff(loud) > 0.4].tolist()]


def test_script_is_spoken_in_the_voices_of_its_cast(run: InProcess, service: Sandbox) -> None:
    done = run("speak", "--script", "play.txt", *CAST, "-o", "play.wav", "--jobs", "1")
    assert (done.code, done.stderr) == (0, "")
    assert [
        {key: entry["body"].get(key) for key in ("voice", "input", "instruction", "speed")}
        for entry in service.log("speech")
    ] == [
        {
            "voice": "lively-girl",
            "input": "Good morning, Ben.",
            "instruction": None,
            "speed": None,
        },
        {
            "voice": "zixinnansheng",
            "input": "Not at all. The train at 10:30 was loud.",
            "instruction": "tired",
            "speed": 0.9,
        },
        {
            "voice": "lively-girl",
            "input": "Then let us have some coffee.",
            "instruction": None,
            "speed": None,
        },
    ]


@needs_ffmpeg
@pytest.mark.parametrize("name", ["play.wav", "play.mp3", "play.opus", "play.flac"])
def test_pause_has_its_length_in_every_format(
    run: InProcess, service: Sandbox, written: Path, name: str
) -> None:
    assert run("speak", "--script", "play.txt", *CAST, "-o", name).code == 0
    spoken = sum(entry["bytes"] for entry in service.log("speech")) / 48000
    assert probe(written / name).duration == pytest.approx(spoken + 1.25, abs=0.08)


def test_voices_are_brought_to_one_level(run: InProcess, written: Path) -> None:
    """Half the volume of one voice is undone unless its cast entry asks for it."""
    (written / "two.txt").write_text("A: Good morning, everybody.\n[pause 2]\nB: So it is.\n")

    def ratio(*options: str) -> float:
        done = run("speak", "--script", "two.txt", *options, "-o", "two.wav")
        assert done.code == 0, done.stderr
        sound = samples(written / "two.wav")
        begin, end = (round(24000 * second) for second in (onsets(written / "two.wav")))
        first, second = sound[begin : end - 36000], sound[end:]
        powers = [
            speech_power((32767 * one).astype("<i2").tobytes(), PCM(24000))[0]
            for one in (first, second)
        ]
        return math.sqrt(powers[1] / powers[0])

    voices = ("--cast", "A=lively-girl", "--cast")
    assert ratio(*voices, "B=zixinnansheng") == pytest.approx(1, abs=0.1)
    quiet = ratio(*voices, "B=zixinnansheng, volume=0.3")
    assert quiet == pytest.approx(0.3, abs=0.03)


def test_cast_of_the_config_file_has_aliases(run: InProcess, service: Sandbox) -> None:
    assert run("config", "set", "aliases.me", "vibrant-youth").code == 0
    assert run("config", "set", "cast.Anna", "me").code == 0
    assert run("config", "set", "cast.Ben", "zixinnansheng, speed=1.5").code == 0
    done = run("speak", "--script", "play.txt", "--cast", "Ben=lively-girl", "-o", "a.wav")
    assert (done.code, done.stderr) == (0, "")
    asked = [entry["body"] for entry in service.log("speech")]
    assert {(one["voice"], one.get("speed")) for one in asked} == {
        ("vibrant-youth", None),
        ("lively-girl", None),
    }


def test_silent_name_of_the_cast_is_a_warning(run: InProcess) -> None:
    done = run("speak", "--script", "play.txt", *CAST, "--cast", "Eve=lively-girl", "-o", "a.wav")
    assert done.code == 0
    assert done.stderr == "stepcli: warning: Eve of --cast speaks nothing in the script\n"


def test_script_is_resumed_without_paying_twice(
    stepcli: Program, service: Sandbox, written: Path
) -> None:
    lines = [f"{'AB'[number % 2]}: Line number {number}." for number in range(8)]
    script = "\n[pause 0.1]\n".join(lines)
    (written / "long.txt").write_text(script)
    run = (
        "speak", "--script", "long.txt", "--cast", "A=lively-girl", "--cast", "B=zixinnansheng",
        "-o", "long.wav", "--jobs", "1",
    )  # fmt: skip
    service.fault("speech:5:401")
    assert stepcli(*run).code == 3
    assert not (written / "long.wav").exists()
    service.reset()
    assert stepcli(*run).code == 0
    asked = [entry["body"]["input"] for entry in service.log("speech")]
    assert asked == [f"Line number {number}." for number in range(4, 8)]


def test_dry_run_names_the_speakers(run: InProcess, service: Sandbox) -> None:
    done = run("speak", "--script", "play.txt", *CAST, "--dry-run")
    assert [line.split()[:2] for line in done.stdout.splitlines()[:3]] == [
        ["1", "Anna"],
        ["2", "Ben"],
        ["3", "Anna"],
    ]
    assert service.log("speech") == []


@needs_ffmpeg
@pytest.mark.parametrize("fit", ["speed", "stretch", "none"])
def test_cues_are_spoken_at_their_times(
    run: InProcess, service: Sandbox, written: Path, fit: str
) -> None:
    done = run("speak", "--timed", "talk.srt", "--fit", fit, "-o", "dub.wav", "--json")
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["late"] == []
    assert onsets(written / "dub.wav")[:1] + onsets(written / "dub.wav")[-1:] == [
        pytest.approx(1.0, abs=0.08),
        pytest.approx(7.0, abs=0.08),
    ]
    assert len(service.log("speech")) == 3


def test_cue_that_is_too_long_is_requested_again_and_reported(
    run: InProcess, service: Sandbox, written: Path
) -> None:
    (written / "tight.srt").write_text(SUBTITLES.replace("00:00:07,000", "00:00:04,500"))
    done = run("speak", "--timed", "tight.srt", "-o", "dub.wav", "--json")
    assert done.code == 0
    (late,) = json.loads(done.stdout)["late"]
    assert late["cue"] == 2
    assert done.stderr == f"stepcli: cue 2 runs over by {late['by']:.2f} s\n"
    faster = [entry for entry in service.log("speech") if entry["body"].get("speed") == 2.0]
    assert [entry["body"]["input"] for entry in faster] == [
        "This sentence is far too long for its time."
    ]
    assert late["by"] == pytest.approx(faster[0]["bytes"] / 48000 - 1.0, abs=0.002)


def test_subtitles_come_from_a_pipe(stepcli: Program, written: Path) -> None:
    done = stepcli("speak", "--timed", "-", "-o", "dub.wav", input=SUBTITLES)
    assert (done.code, done.stderr) == (0, "")
    assert onsets(written / "dub.wav")[0] == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--script", "play.txt", "Hello"), "TEXT cannot be combined with --script or --timed"),
        (("--script", "play.txt", "--timed", "talk.srt"), "cannot be combined"),
        (("--script", "play.txt", "-f", "play.txt"), "-f FILE cannot be combined"),
        (("--script", "play.txt", "--cast", "Ben"), "no voice for Ben"),
        (("--script", "play.txt", "--cast", "Ben=v, speed=9"), "Ben: --speed 9 is outside"),
        (("--script", "play.txt", "--fit", "none"), "--fit requires --timed"),
        (("--script", "bad.txt"), "line 2: [pause 601] is not a pause"),
        (("--script", "talk.txt"), "cannot read talk.txt"),
        (("--timed", "play.txt"), "line 2: expected the times of a cue"),
        (("Hello", "--cast", "A=b"), "--cast and --no-level require --script or --timed"),
        (("--batch", "play.txt", "--script", "play.txt"), "--batch cannot be combined"),
    ],
)
def test_invalid_input_is_refused_before_anything_is_sent(
    run: InProcess, service: Sandbox, written: Path, options: tuple[str, ...], problem: str
) -> None:
    (written / "bad.txt").write_text("Hello.\n[pause 601]\n")
    done = run("speak", *options, "-o", "a.wav")
    assert done.code == 2
    assert problem in done.stderr
    assert service.log() == []


def test_blank_turns_and_directions_are_not_sent_but_counted(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    (home / "play.txt").write_text("Ann: Hi.\nBen: \u00a0\nAnn: (sighs)\nBen: Bye.\n")
    cues = ["Hi.", "<i></i>", "\x1b[0m", "(door slams)", "Bye."]
    (home / "cues.srt").write_text(
        "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{cue}\n\n" for n, cue in enumerate(cues))
    )
    cast = ("--cast", "Ann=lively-girl", "--cast", "Ben=vibrant-youth")
    for source in (("--script", "play.txt", *cast), ("--timed", "cues.srt")):
        done = run("speak", *source, "-o", "x.wav")
        assert done.code == 0, done.stderr
        assert "1 passage in ( ) will not be spoken" in done.stderr
        assert sorted(one["body"]["input"] for one in service.log("speech")) == ["Bye.", "Hi."]
        service.reset()


def test_missing_ffmpeg_is_reported_before_anything_is_sent(
    stepcli: Program, service: Sandbox, tmp_path: Path
) -> None:
    """The answers to be stretched are paid for."""
    options = ("--timed", "talk.srt", "--fit", "stretch", "-o", "dub.wav")
    done = stepcli("speak", *options, PATH=str(tmp_path))
    assert done.code == 2
    assert "changing the tempo needs ffmpeg" in done.stderr
    assert service.log() == []
