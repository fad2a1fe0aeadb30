"""``transcribe`` with targets that cannot be written: they cost nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
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
