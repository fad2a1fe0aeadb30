"""``speak`` at any length: one seamless sound, in order, and nothing paid for twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.bench.long_text_memory import long_text_ratio
from tests.support.in_process import InProcess
from tests.support.program import Program, until
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, probe, samples
from tests.support.varying_speech import SAMPLES, VaryingSpeech, answers_in, serving

SENTENCE = "Sentence number {} of this long story is not very long. "
STORY = "".join(SENTENCE.format(number) for number in range(65))
"""About 3,600 characters: five requests."""


def _parts(service: Sandbox) -> list[str]:
    """The texts that were asked for, in the order in which they came."""
    return [entry["body"]["input"] for entry in service.log("speech")]


@needs_ffmpeg
@pytest.mark.parametrize("name", ["mp3", "flac", "opus", "wav"])
def test_long_text_becomes_one_recording(
    run: InProcess, service: Sandbox, home: Path, name: str
) -> None:
    """The file has the duration of its parts together and decodes without a warning."""
    (home / "story.txt").write_text(STORY[:1300])
    done = run("speak", "-f", "story.txt", "-o", f"story.{name}", "--json", "--speed", "2")
    assert (done.code, done.stderr) == (0, "")
    reported = json.loads(done.stdout)
    asked = service.log("speech")
    assert reported["requests"] == len(asked) >= 3
    predicted = sum(entry["bytes"] for entry in asked) / 48000
    assert reported["duration"] == pytest.approx(predicted, abs=0.08)
    assert probe(home / f"story.{name}").duration == pytest.approx(predicted, abs=0.15)
    decoded = len(samples(home / f"story.{name}")) / 24000
    assert decoded == pytest.approx(predicted, abs=0.02 * len(asked))


def test_requests_joined_are_the_text(run: InProcess, service: Sandbox, home: Path) -> None:
    """Joined, the requests are the text; the first is short, none is over the limit."""
    (home / "story.txt").write_text(STORY)
    run("speak", "-f", "story.txt", "-o", "story.raw", "--jobs", "1")
    parts = _parts(service)
    assert "".join(parts) == STORY
    assert len(parts[0]) <= 120
    assert max(map(len, parts)) <= 1000


def test_samples_joined_are_those_of_the_parts(run: InProcess, home: Path) -> None:
    """No silence is added, lost or doubled at a joint."""
    (home / "story.txt").write_text(STORY)
    run("speak", "-f", "story.txt", "-o", "story.raw", "--jobs", "3")
    plan = json.loads(run("speak", "-f", "story.txt", "--dry-run", "--json").stdout)
    joined = b""
    for request in plan["requests"]:
        run("speak", request["input"], "-o", "part.raw")
        joined += (home / "part.raw").read_bytes()
    assert (home / "story.raw").read_bytes() == joined


def test_jobs_limits_requests_at_a_time(run: InProcess, service: Sandbox) -> None:
    """Never more at once than ``--jobs``."""
    assert run("speak", STORY, "-o", "story.raw", "--jobs", "3").code == 0
    assert max(entry["busy"] for entry in service.log("speech")) <= 3


def _finished(state: Path) -> list[Path]:
    return [path for path in state.glob("*/*.wav") if path.read_bytes()[:4] == b"RIFF"]


def test_failed_part_is_retried_alone(run: InProcess, service: Sandbox, home: Path) -> None:
    """A part that is cut off or refused for a moment costs one more request, and no sound."""
    run("speak", STORY, "-o", "whole.raw")
    expected = len(service.log("speech"))
    service.reset()
    service.fault("speech:3:cut,after=5000", "speech:5:503")
    assert run("speak", STORY, "-o", "again.raw", "-q").code == 0
    assert len(service.log("speech")) == expected + 2
    assert (home / "again.raw").read_bytes() == (home / "whole.raw").read_bytes()


def test_failed_run_is_continued_by_the_same_command(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    """What is complete is kept and named; the same command asks only for the rest."""
    run("speak", STORY, "-o", "whole.flac")
    total = len(service.log("speech"))
    service.reset()
    service.fault("speech:5+:402")
    failed = run("speak", STORY, "-o", "story.flac", "--jobs", "1")
    assert failed.code == 4
    assert f"4 of {total} parts are kept in" in failed.stderr
    assert not (home / "story.flac").exists()

    service.reset()
    assert run("speak", STORY, "-o", "story.flac").code == 0
    assert len(service.log("speech")) == total - 4
    assert (home / "story.flac").read_bytes() == (home / "whole.flac").read_bytes()
    assert list((home / ".local" / "state" / "stepcli" / "speech").iterdir()) == []


def test_killed_run_is_continued_by_the_same_command(
    stepcli: Program, service: Sandbox, home: Path
) -> None:
    """Killed at half and run again: only the missing parts are asked for, the file is the same."""
    stepcli("speak", STORY, "-o", "whole.wav")
    total = len(service.log("speech"))
    service.reset()
    service.fault("speech:4+:stall")
    state = home / ".local" / "state" / "stepcli" / "speech"
    with stepcli.started("speak", STORY, "-o", "story.wav", "--jobs", "1") as run:
        until(lambda: len(_finished(state)) == 3)
        run.kill()
        run.wait()
    service.reset()
    assert stepcli("speak", STORY, "-o", "story.wav").code == 0
    again = [entry for entry in service.log("speech") if not entry["fault"]]
    assert len(again) == total - 3
    assert (home / "story.wav").read_bytes() == (home / "whole.wav").read_bytes()


def test_pipe_gets_the_first_part_before_later_requests(stepcli: Program, service: Sandbox) -> None:
    """``-o -`` gives the first part while later ones are still to be asked for."""
    service.fault("speech:3+:stall")
    with stepcli.started("speak", STORY, "-o", "-", "--format", "wav") as run:
        assert run.stdout is not None
        head = run.stdout.read(60000)
        run.kill()
    assert head[:4] == b"RIFF"
    assert np.abs(np.frombuffer(head[44:], "<i2").astype(int)).max() > 1000


@pytest.mark.long
def test_memory_does_not_grow_with_the_text(service: Sandbox, home: Path) -> None:
    """A text ten times as long takes at most 1.15 times the memory."""
    assert long_text_ratio(service, home, (2_000, 20_000)) <= 1.15


def test_literal_and_markdown_change_the_request(run: InProcess, service: Sandbox) -> None:
    """Asides become text to speak; Markdown is left to the service."""
    run("speak", "Well (he said) yes.", "-o", "a.mp3", "--literal", "--markdown")
    bodies = {entry["body"]["input"]: entry["body"] for entry in service.log("speech")}
    assert bodies["Well, he said, yes."]["markdown_filter"] is True


def test_dry_run_needs_no_key_and_no_network(offline: Program) -> None:
    """The plan needs no key and no network, and says what it would cost."""
    done = offline("speak", "你好，世界。", "--dry-run", "--json")
    assert done.code == 0
    reported = json.loads(done.stdout)
    assert reported["requests"][0]["input"] == "你好，世界。"
    assert (reported["characters"], reported["billed_characters"]) == (6, 5)
    assert reported["estimated_cost"] == {"amount": 0.000425, "currency": "USD"}
    assert "1 request, 6 characters" in offline("speak", "你好，世界。", "--dry-run").stdout


VARIED = "".join(SENTENCE.format(number) for number in range(50))
"""About 2,800 characters: four requests."""


@pytest.fixture
def varying() -> VaryingSpeech:
    return VaryingSpeech()


@pytest.fixture
def varied(home: Path, varying: VaryingSpeech) -> Iterator[Program]:
    """The program, pointed at a service that never gives the same sound twice."""
    with serving(varying) as base:
        yield Program(home, {"STEPCLI_BASE_URL": base, "STEP_API_KEY": "key"})


def _planned(program: Program) -> list[str]:
    plan = json.loads(program("speak", VARIED, "--dry-run", "--json").stdout)
    return [request["input"] for request in plan["requests"]]


def _texts_spoken(sound: bytes, varying: VaryingSpeech) -> list[str]:
    """Return the text of each answer in `sound`, all of which must be complete."""
    texts = []
    for number, count in answers_in(sound):
        texts.append(varying.texts[number - 1])
        assert count == SAMPLES * len(texts[-1])
    return texts


@pytest.mark.parametrize("output", ["x.pcm", "-"])
@pytest.mark.parametrize("truncated", range(4))
def test_every_part_comes_from_a_single_answer(
    varied: Program, varying: VaryingSpeech, output: str, truncated: int
) -> None:
    """A pipe gets the first parts as they arrive, so of those nothing may have arrived."""
    parts = _planned(varied)
    cuts = [0, 0] if output == "-" and truncated < 2 else [1000, 5001]
    varying.cuts = {parts[truncated][:30]: cuts}
    done = varied("speak", VARIED, "-o", output, "--format", "pcm")
    assert done.code == 0
    sound = done.out if output == "-" else (varied.home / output).read_bytes()
    assert _texts_spoken(sound, varying) == parts
    assert len(varying.texts) == len(parts) + 2


def test_parts_kept_of_a_failed_run_come_from_single_answers(
    varied: Program, varying: VaryingSpeech
) -> None:
    parts = _planned(varied)
    varying.cuts = {parts[2][:30]: [5000]}
    failed = varied("speak", VARIED, "-o", "x.pcm", "--retries", "0", "--jobs", "1")
    assert failed.code == 6
    assert "2 of 4 parts are kept" in failed.stderr
    assert varied("speak", VARIED, "-o", "x.pcm").code == 0
    assert _texts_spoken((varied.home / "x.pcm").read_bytes(), varying) == parts
    assert len(varying.texts) == len(parts) + 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"error": {"message": "busy"}}', "audio/mpeg"),
        (b'{"error": {"message": "busy"}}', "application/octet-stream"),
        (b"<html>busy</html>", "audio/pcm"),
        (b"x", "audio/pcm"),
        (b"", "audio/pcm"),
    ],
)
def test_answer_that_is_no_audio_never_becomes_part_of_the_output(
    varied: Program, varying: VaryingSpeech, body: bytes, kind: str
) -> None:
    """The run fails and continues later with what is missing."""
    parts = _planned(varied)
    varying.bodies = {parts[2][:30]: [(body, kind)] * 9}
    failed = varied("speak", VARIED, "-o", "x.pcm", "--jobs", "1")
    assert failed.code == 6
    assert "2 of 4 parts are kept" in failed.stderr
    assert not (varied.home / "x.pcm").exists()
    varying.bodies = {}
    assert varied("speak", VARIED, "-o", "x.pcm").code == 0
    assert _texts_spoken((varied.home / "x.pcm").read_bytes(), varying) == parts


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("text", ["One is here.", VARIED])
def test_sound_is_kept_when_its_output_fails(
    varied: Program, varying: VaryingSpeech, text: str
) -> None:
    """The message names the place, and the same command continues without another request."""
    failed = varied("speak", text, "-o", "/dev/full", "--format", "pcm")
    assert failed.code == 8
    assert "kept in" in failed.stderr
    assert "run the same command again to continue" in failed.stderr
    done = varied("speak", text, "-o", "-", "--format", "pcm")
    assert done.code == 0
    assert "".join(_texts_spoken(done.out, varying)) == text
    assert len(varying.texts) == len(answers_in(done.out))


def test_second_run_of_the_same_text_waits_for_the_parts_of_the_first(
    varied: Program, varying: VaryingSpeech
) -> None:
    parts, released = _planned(varied), threading.Event()
    varying.before_answer = lambda: released.wait(30)
    with varied.started("speak", VARIED, "-o", "a.pcm") as first:
        until(lambda: varying.texts)
        with varied.started("speak", VARIED, "-o", "b.pcm") as second:
            assert second.stderr is not None
            assert b"another run speaks the same text" in second.stderr.readline()
            released.set()
            assert (first.wait(60), second.wait(60)) == (0, 0)
    assert sorted(varying.texts) == sorted(parts)
    assert (varied.home / "a.pcm").read_bytes() == (varied.home / "b.pcm").read_bytes()


def test_run_after_a_killed_one_does_not_wait(varied: Program, varying: VaryingSpeech) -> None:
    released = threading.Event()
    varying.before_answer = lambda: released.wait(30)
    with varied.started("speak", VARIED, "-o", "a.pcm") as first:
        until(lambda: varying.texts)
        first.kill()
        first.wait()
    released.set()
    done = varied("speak", VARIED, "-o", "a.pcm")
    assert (done.code, done.stderr) == (0, "")
