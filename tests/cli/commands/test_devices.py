"""``stepcli devices``: the table of audio devices."""

from __future__ import annotations

import io

import pytest

from stepcli.audio.portaudio import Device
from stepcli.cli.commands.devices import devices
from stepcli.cli.context import Run
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.common_options import ConnectionFlags


def _printed(monkeypatch: pytest.MonkeyPatch, *found: Device, json: bool = False) -> str:
    """Return what the command prints to a pipe."""
    monkeypatch.setattr("stepcli.audio.portaudio.list_devices", lambda: list(found))
    stdout = io.StringIO()
    terminal = Terminal(io.StringIO(), stdout, io.StringIO(), json=json)
    devices(Run(terminal, {}, ConnectionFlags()))
    return stdout.getvalue()


def test_columns_are_aligned_and_the_name_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    table = _printed(
        monkeypatch,
        Device(0, "Desk speaker", "ALSA", 0, 2, 48000, False, True),
        Device(10, "Microphone", "JACK Audio", 1, 0, 44100, True, False),
    )
    assert table.splitlines() == [
        "NUMBER  IN  OUT  RATE   DEFAULT  API         NAME",
        "0       0   2    48000  out      ALSA        Desk speaker",
        "10      1   0    44100  in       JACK Audio  Microphone",
    ]


@pytest.mark.parametrize("json", [False, True])
@pytest.mark.parametrize("character", ["\x1b", "\x9b", "\n", "\u202e", "\x7f"])
def test_control_characters_in_names_are_escaped_in_a_pipe(
    character: str, json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device(0, f"Speaker{character}[2J", f"AL{character}SA", 0, 2, 48000, False, True)
    printed = _printed(monkeypatch, device, json=json)
    assert character not in printed.removesuffix("\n").replace("NAME\n", "")
    assert "Speaker\\" in printed
