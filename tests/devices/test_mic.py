"""``transcribe --mic`` in real time with a virtual microphone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

from tests.devices.rig import Rig, Speaker
from tests.support.program import Program, until
from tests.support.recordings import RATE, reading, silence, write_wav
from tests.support.sounds import word_errors

FEW = reading("beckett")[: 2 * RATE * 4]
OTHER = reading("two_cities")[: 2 * RATE * 5]
SENTENCE = "Today is a good day for a walk in the park"


@contextmanager
def played(speaker: Speaker, path: Path, *sounds: bytes) -> Iterator[Path]:
    """The file of ``sounds`` that is being played to the microphone."""
    wav = write_wav(path, *sounds)
    playing = speaker.play(wav)
    try:
        yield wav
    finally:
        playing.kill()
        playing.wait()


def recordings(program: Program) -> list[Path]:
    return sorted((program.home / ".local/state/stepcli/recordings").glob("*"))


def recorded(program: Program, seconds: float) -> bool:
    size = 44 + 2 * RATE * seconds
    return any(path.stat().st_size >= size for path in recordings(program))


def test_utterances_are_transcribed_in_order_with_times(
    stepcli: Program, rig: Rig, tmp_path: Path
) -> None:
    """The words equal those of the same audio as a file."""
    speaker = rig.speaker(RATE)
    sounds = (silence(2), FEW, silence(2), OTHER, silence(2))
    options = ("--live", "--duration", "15", "--format", "jsonl", "-l", "en")
    with played(speaker, tmp_path / "said.wav", *sounds) as wav:
        done = stepcli("transcribe", *options, **speaker.environ)
    assert done.code == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["text"].split()[0] for line in lines] == ["Ever", "It"], done.stdout
    assert 5 < lines[1]["start"] - lines[0]["start"] < 8
    heard = " ".join(line["text"] for line in lines)
    assert word_errors(stepcli("transcribe", wav, "-l", "en").stdout, heard) <= 4
    assert "gaps" not in done.stderr
    (kept,) = recordings(stepcli)
    assert soundfile.info(kept).duration == 15


def test_spoken_text_is_transcribed(stepcli: Program, rig: Rig) -> None:
    speaker = rig.speaker()
    arguments = ("transcribe", "--mic", "-l", "en")
    with stepcli.started(*arguments, environ=speaker.environ) as run:
        until(lambda: recorded(stepcli, 0.5))
        assert stepcli("speak", SENTENCE, **speaker.environ).code == 0
        out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert word_errors(SENTENCE, out.decode()) <= 3, out


def test_unplugged_microphone_keeps_the_recording(
    stepcli: Program, own_rig: Rig, tmp_path: Path
) -> None:
    """The words so far are transcribed; the exit code is 7."""
    speaker = own_rig.speaker()
    with played(speaker, tmp_path / "said.wav", silence(2), *[FEW] * 10):
        arguments = ("transcribe", "--mic", "-l", "en")
        with stepcli.started(*arguments, environ=speaker.environ) as run:
            until(lambda: recorded(stepcli, 6))
            speaker.unplug()
            out, err = run.communicate(timeout=60)
    assert run.returncode == 7, err
    assert b"stopped delivering audio" in err
    assert b"tried" in out
    (kept,) = recordings(stepcli)
    assert str(kept).encode() in err
    assert soundfile.info(kept).duration >= 5
