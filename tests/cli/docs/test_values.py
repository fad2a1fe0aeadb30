"""What the program answers when a completion script asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stepcli.audio.portaudio import Device
from stepcli.cli.completion import dynamic
from stepcli.cli.completion.candidates import Asked, of_argument, of_option
from stepcli.cli.docs.model import Command
from tests.support.program import Program

DEVICES = [
    Device(0, "Speaker", "ALSA", 0, 2, 48000, False, True),
    Device(1, "Twin", "ALSA", 2, 2, 48000, False, False),
    Device(2, "Twin", "JACK", 2, 2, 48000, False, False),
    Device(3, "Microphone", "ALSA", 1, 0, 48000, True, False),
]


def test_nothing_wrong_is_ever_said(offline: Program) -> None:
    """A shell at its prompt is no place for an error."""
    done = offline(_STEPCLI_COMPLETE="nonsense")
    assert (done.code, done.stdout, done.stderr) == (0, "", "")


def test_devices_by_what_names_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A device that shares its name is offered by its number; inputs and outputs are apart."""
    monkeypatch.setattr("stepcli.audio.portaudio.list_devices", lambda: DEVICES)
    assert _answered(dynamic.OUTPUTS, capsys) == ["Speaker", "1", "2"]
    assert _answered(dynamic.INPUTS, capsys) == ["1", "2", "Microphone"]


def _answered(what: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    dynamic.answer(what)
    return [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]


def test_voices(offline: Program) -> None:
    """The voices that are known without asking anybody, each with a word about it."""
    lines = offline(_STEPCLI_COMPLETE="voices").stdout.splitlines()
    voices = dict(line.split("\t") for line in lines)
    assert voices["lively-girl"]


def test_whatever_is_asked_is_answered(program: Command) -> None:
    """No script asks for what the program does not know."""
    offers = [
        *(of_option(one, command, program) for command in program.all() for one in command.options),
        *(
            of_argument(one, command, program)
            for command in program.all()
            for one in command.arguments
        ),
    ]
    asked = {one.what for each in offers for one in each if isinstance(one, Asked)}
    assert asked <= {dynamic.VOICES, dynamic.OUTPUTS, dynamic.INPUTS}


def test_no_command_is_loaded() -> None:
    """An answer costs neither typer nor a client: TAB is pressed often."""
    code = (
        "import sys; from stepcli.__main__ import main; main()\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env={"_STEPCLI_COMPLETE": "voices"},
    )  # fmt: skip
    assert {"typer", "httpx", "rich", "numpy"}.isdisjoint(done.stderr.split())
