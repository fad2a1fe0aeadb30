"""The README's troubleshooting table quotes real messages and options."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.program import Finished, Program
from tests.support.readme import symptoms
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal

Failing = Callable[[Program], Finished]

WITH_THE_DEVICES = {"this machine has no audio output device", "no output device"}
"""In ``tests/devices/test_readme.py``."""


def _speak(*options: str, **environ: str) -> Failing:
    return lambda stepcli: stepcli("speak", "Hello", "-o", "x.mp3", *options, **environ)


def _no_portaudio(stepcli: Program) -> Finished:
    """Run without PortAudio but with its Python package."""
    (stepcli.home / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    return stepcli("speak", "Hello", PYTHONPATH=str(stepcli.home))


def _no_extra(stepcli: Program) -> Finished:
    """Run without the sandbox extra."""
    missing = "import sys\nsys.modules['starlette'] = None"
    (stepcli.home / "sitecustomize.py").write_text(missing)
    return stepcli("sandbox", PYTHONPATH=str(stepcli.home))


def _movie(stepcli: Program) -> Finished:
    (stepcli.home / "talk.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(64))
    return stepcli("transcribe", "talk.m4a", PATH="/nowhere")


def _silence(stepcli: Program) -> Finished:
    return stepcli("transcribe", "--pcm", "16000", "-", input=bytes(32000))


def _on_a_terminal(stepcli: Program) -> Finished:
    with on_terminal(stepcli, "speak", "Hello", "-o", "-") as run:
        return run.finish()


CAUSES: dict[str, tuple[str | None, Failing]] = {
    "no API key": (None, _speak(STEP_API_KEY="")),
    "the service refused the API key (401)": (None, _speak(STEP_API_KEY="wrong")),
    "too many requests (429)": ("speech:*:429", _speak("--retries", "0")),
    "the plan's credit is used up (402)": ("speech:*:402", _speak()),
    "the content was refused by moderation (451)": ("speech:*:451", _speak()),
    "cannot reach": (None, _speak("--retries", "0", "--base-url", "http://127.0.0.1:9/v1")),
    "was silent for": ("speech:*:stall", _speak("--timeout", "0.5")),
    "sound needs PortAudio": (None, _no_portaudio),
    "needs ffmpeg to convert": (None, _movie),
    "no speech was recognized": (None, _silence),
    "is not UTF-8": (None, lambda stepcli: stepcli("speak", "-o", "x.mp3", input=b"caf\xe9")),
    "refusing to write audio to a terminal": (None, _on_a_terminal),
    "the sandbox needs": (None, _no_extra),
}
"""The cause of each symptom: a fault of the service, and the command."""


def test_every_quoted_symptom_has_a_cause() -> None:
    quoted = {symptom.strip("`") for symptom in symptoms() if symptom.startswith("`")}
    assert quoted == CAUSES.keys() | WITH_THE_DEVICES


@pytest.mark.parametrize("symptom", CAUSES)
def test_quoted_message_is_printed(symptom: str, stepcli: Program, service: Sandbox) -> None:
    fault, run = CAUSES[symptom]
    if fault:
        service.fault(fault)
    assert symptom in run(stepcli).stderr


def test_options_in_the_advice_exist(offline: Program) -> None:
    advice = " ".join(symptoms().values())
    for command, options in {
        "speak": ("--jobs", "--retries", "--dry-run", "--batch", "--timeout", "--literal", "-o"),
        "transcribe": ("--sandbox", "--debug", "-l"),
        "": ("--install-completion",),
    }.items():
        help = offline(*command.split(), "--help").stdout
        for option in options:
            assert option in help
            assert option in f"{advice} {symptoms().keys()}"
