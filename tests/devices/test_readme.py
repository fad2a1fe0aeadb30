"""The README's one-liners that play audio, run literally on a virtual speaker.

The others are in ``tests/package/test_one_liners.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.devices.hearing import audible
from tests.devices.rig import Speaker
from tests.support.pasted import pasted, stand_in
from tests.support.program import Program
from tests.support.readme import one_liners, symptoms
from tests.support.service import Sandbox

RATE = 24000
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def environ(stepcli: Program, speaker: Speaker) -> dict[str, str]:
    return stepcli.environment(speaker.environ)


@pytest.mark.parametrize(
    ("about", "name", "script", "said"),
    [
        # All of ls(1) would take ten minutes to play.
        ("Read a manual page aloud", "man", 'echo "List directory contents of $1."', "contents"),
        # A real model needs an account.
        (
            "Hear a language model while it is still writing",
            "llm",
            "for word in The sky scatters blue light.; do printf '%s ' $word; sleep 0.1; done",
            "scatters",
        ),
    ],
    ids=["man", "llm"],
)
def test_one_liner_plays_the_output_of_the_other_program(
    about: str, name: str, script: str, said: str,
    environ: dict[str, str], speaker: Speaker, service: Sandbox, tmp_path: Path,
) -> None:  # fmt: skip
    stand_in(tmp_path / "bin", name, script)
    with speaker.record(RATE) as recording:
        pasted(one_liners()[about], tmp_path, environ, tmp_path / "bin", PROGRAMS)
    assert said in str(service.log())
    assert len(audible(recording.samples)) > RATE


@pytest.mark.parametrize(
    ("symptom", "devices"),
    [("`this machine has no audio output device`", False), ("`no output device`", True)],
)
def test_quoted_device_errors_are_printed(
    symptom: str, devices: bool, stepcli: Program, speaker: Speaker, no_devices: dict[str, str]
) -> None:
    assert symptom in symptoms()
    environ = speaker.environ if devices else no_devices
    said = stepcli("speak", "Hello", "--device", "Nowhere", **environ)
    assert said.code in (2, 7)
    assert symptom.strip("`") in said.stderr
