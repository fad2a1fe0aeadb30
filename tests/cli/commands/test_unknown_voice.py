"""A voice that the service does not have: exit code 2, and a hint that names another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.service import Sandbox

ALL = "list the voices with: stepcli voices list"


def _hint(stepcli: Program, *command: str) -> str:
    """Run `command`, which fails with exit code 2, and return the hint."""
    done = stepcli(*command, "--json", "--retries", "0")
    assert done.code == 2, done.stderr
    error: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])["error"]
    assert "voice_id does not exist" in error["message"]
    assert error["hint"].split("; ")[1] == ALL
    return str(error["hint"].split("; ")[0])


SPEAK = ("speak", "Hi", "-o", "x.mp3", "-v")
COMMANDS = {
    "speak": SPEAK,
    "long": ("speak", "Hello there. " * 90, "-o", "x.mp3", "-v"),
    "stream": ("stream", "Hi", "-o", "x.wav", "-v"),
    "batch": ("speak", "--batch", "b.txt", "--output-dir", "out", "-v"),
    "preview": ("voices", "preview", "-o", "x.wav"),
}


@pytest.mark.parametrize("kind", COMMANDS)
def test_similar_voice_is_suggested(kind: str, stepcli: Program, home: Path) -> None:
    (home / "b.txt").write_text("Hi\n")
    assert _hint(stepcli, *COMMANDS[kind], "livly-girl") == "did you mean lively-girl?"


def test_alias_is_suggested(stepcli: Program) -> None:
    stepcli("config", "set", "aliases.grandmother", "voice-tone-1")
    assert _hint(stepcli, *SPEAK, "grandmothr") == "did you mean grandmother?"


@pytest.mark.parametrize(
    ("voice", "other"),
    [
        ("lively-girl", "zixinnansheng"),
        ("zixinnansheng", "lively-girl"),
        ("voice-tone-gone", "lively-girl"),
        ("qqqq", "lively-girl"),
    ],
)
def test_common_voice_is_suggested_instead_of_a_correctly_spelled_one(
    voice: str, other: str, stepcli: Program, service: Sandbox
) -> None:
    """Some accounts do not have all official voices."""
    service.fault("speech:*:400,message=voice_id does not exist")
    assert _hint(stepcli, *SPEAK, voice) == f"another voice is {other}"


def test_cloned_voice_is_not_taken_for_a_mistyped_one(stepcli: Program, service: Sandbox) -> None:
    """Neither itself under another name nor another clone is suggested."""
    for number in range(2):
        stepcli("config", "set", f"aliases.voice{number}", f"voice-tone-{number}")
    service.fault("speech:*:400,message=voice_id does not exist")
    assert _hint(stepcli, *SPEAK, "voice0") == "another voice is lively-girl"


def test_only_voices_of_the_model_are_suggested(stepcli: Program, service: Sandbox) -> None:
    service.fault("speech:*:400,message=voice_id does not exist")
    done = stepcli(*SPEAK, "lively-girls", "--model", "step-tts-2")
    assert f"did you mean lively-girl?; {ALL} --model step-tts-2" in done.stderr
