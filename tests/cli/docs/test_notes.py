"""The recipes of the manual: their shell lines type a dictation into a window."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcli.cli.docs.notes import DICTATION_KEYS, LIVE_AUDIO, notes
from tests.support.microphones import Microphone, a_microphone
from tests.support.program import COMMAND, Program, until
from tests.support.recordings import RATE, reading

TYPISTS = ("wtype", "ydotool", "xdotool")
_PIPELINE = re.compile(r"stepcli transcribe [^\n]*")


def pipelines(text: str) -> list[str]:
    """Return the shell pipelines in the recipes that begin with the program."""
    joined = text.replace("\\\n", " ").replace("|\n", "|")
    return [found.rstrip('"') for found in _PIPELINE.findall(joined)]


def typing(typist: str) -> str:
    """Return the pipeline of the first recipe that ends with `typist`."""
    return next(one for one in pipelines(DICTATION_KEYS) if typist in one)


@pytest.mark.parametrize("text", [DICTATION_KEYS, LIVE_AUDIO])
def test_recipes_are_valid_shell(text: str) -> None:
    found = pipelines(text)
    assert found
    for one in found:
        subprocess.run(["sh", "-n", "-c", one], check=True)


def test_notes_fit_a_narrow_page() -> None:
    lines = [line for _, text in notes("transcribe") for line in text.splitlines()]
    assert max(map(len, lines)) <= 72


@pytest.fixture
def microphone(tmp_path: Path) -> Iterator[Microphone]:
    with a_microphone(tmp_path / "alsa") as microphone:
        yield microphone


@pytest.mark.parametrize("typist", TYPISTS)
def test_recipe_types_what_was_said(
    stepcli: Program, microphone: Microphone, tmp_path: Path, typist: str
) -> None:
    """Without a line end, which would be the Enter key; ending it types nothing."""
    tools = tmp_path / "bin"
    tools.mkdir()
    _script(tools / "stepcli", f'exec {shlex.join(COMMAND)} "$@"')
    for name in TYPISTS:
        _script(tools / name, f'echo "$@" >>{tmp_path}/asked; cat >>{tmp_path}/typed')
    environ = stepcli.environment({**microphone.environ, "STEPCLI_LANGUAGE": "en"})
    environ["PATH"] = f"{tools}:{environ['PATH']}"
    recordings = stepcli.home / ".local/state/stepcli/recordings"
    microphone.hears(reading("beckett")[: 2 * RATE * 4])
    command = ["sh", "-c", typing(typist)]
    with subprocess.Popen(command, env=environ, cwd=stepcli.home) as first:
        until(lambda: any(path.stat().st_size > 8 * RATE for path in recordings.glob("mic-*")))
        assert subprocess.run(command, env=environ, cwd=stepcli.home, check=False).returncode == 0
        assert first.wait(60) == 0
    typed = (tmp_path / "typed").read_text()
    assert typed.startswith("Ever tried")
    assert "\n" not in typed
    assert (tmp_path / "asked").read_text().splitlines()[0].endswith("-")


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
