"""``transcribe`` with targets that cannot be written: they cost nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.recordings import reading, silence, write_wav
from tests.support.service import Sandbox


@pytest.fixture
def run(home: Path, service: Sandbox, words: Path) -> InProcess:
    shutil.copy(words, home / "second.wav")
    return InProcess(home, dict(service.environ))


def test_unwritable_target_fails_its_input_only_and_costs_nothing(
    run: InProcess, service: Sandbox
) -> None:
    """The other inputs are transcribed, whichever comes first."""
    (run.home / "out" / "words.txt").mkdir(parents=True)
    for inputs in (("words.wav", "second.wav"), ("second.wav", "words.wav")):
        service.reset()
        done = run("transcribe", "-l", "en", *inputs, "--output-dir", "out")
        assert done.code == 2
        assert "cannot write out/words.txt: it is a directory" in done.stderr
        assert (run.home / "out" / "second.txt").read_text()
        assert len(service.log("asr")) <= 1


def test_target_with_too_long_a_name_costs_nothing(run: InProcess, service: Sandbox) -> None:
    """The input's own name is just short enough, the transcript's is not."""
    name = "x" * 251 + ".wav"
    shutil.copy(run.home / "words.wav", run.home / name)
    done = run("transcribe", "-l", "en", name, "--output-dir", "out", "--format", "json")
    assert done.code == 2
    assert "File name too long" in done.stderr
    assert service.log("asr") == []


@pytest.mark.parametrize("target", [(), ("-o", "x.txt"), ("--output-dir", "out")])
def test_paragraphs_begin_after_a_pause(run: InProcess, target: tuple[str, ...]) -> None:
    sound = reading("beckett")[: 2 * 16000 * 4]
    write_wav(run.home / "pause.wav", sound + silence(3) + sound)
    texts = []
    for options in ((), ("--paragraphs",)):
        done = run("transcribe", "-l", "en", "pause.wav", *options, *target)
        assert done.code == 0, done.stderr
        written = [*run.home.glob("x.txt"), *run.home.glob("out/*")]
        texts.append(written[0].read_text() if written else done.stdout)
    assert "\n\n" not in texts[0]
    assert "\n\n" in texts[1]
    assert texts[0].split() == texts[1].split()
