"""Options of ``stepcli voices`` that are refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.service import Sandbox
from tests.support.voice_samples import write_sample


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["none.wav"],
        ["./none"],
        ["mum.wav", "--record", "5"],
        ["mum.wav", "--microphone", "1"],
        ["mum.wav", "-o", "no/such/directory.mp3"],
        ["mum.wav", "--say", " "],
        ["text.wav"],
        ["--record", "0"],
        ["lively-girl", "--transcript", "x"],
        ["lively-girl", "--keep-upload"],
    ],
)
def test_preview_rejects_invalid_options_before_sending(
    run: InProcess, service: Sandbox, home: Path, sample: Path, arguments: list[str]
) -> None:
    assert sample.exists()
    (home / "text.wav").write_text("no sound")
    output = [] if "-o" in arguments else ["-o", "p.mp3"]
    assert run("voices", "preview", *arguments, *output).code == 2
    assert service.log() == []


@pytest.mark.parametrize("source", ["mum.wav", "lively-girl"])
@pytest.mark.parametrize("wrong", [("--say", " "), ("--sample-rate", "44100")])
def test_preview_rejects_contradictory_options_before_sending(
    run: InProcess, service: Sandbox, sample: Path, source: str, wrong: tuple[str, str]
) -> None:
    assert sample.name == "mum.wav"
    done = run("voices", "preview", source, *wrong, "-o", "p.wav")
    assert done.code == 2
    assert service.log() == []


@pytest.mark.parametrize(
    "options",
    [
        ["mum.wav"],
        ["short.wav", "--yes"],
        ["mum.wav", "--yes", "--name", "lively-girl"],
        ["mum.wav", "--yes", "--name", "a/b"],
        ["mum.wav", "--yes", "--name", "taken"],
        ["lively-girl", "--yes"],
        ["--yes"],
    ],
)
def test_clone_rejects_invalid_options_before_sending(
    run: InProcess, service: Sandbox, home: Path, sample: Path, options: list[str]
) -> None:
    assert sample.exists()
    write_sample(home / "short.wav", 3)
    run("config", "set", "aliases.taken", "voice-tone-1")
    assert run("voices", "clone", *options).code == 2
    assert service.log() == []


def test_missing_sample_is_reported_before_the_price(run: InProcess) -> None:
    assert "no sample given" in run("voices", "clone").stderr
