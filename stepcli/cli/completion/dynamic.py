"""Candidates that completion scripts request from the program: voices and audio devices.

A script runs ``_STEPCLI_COMPLETE=voices stepcli`` at every TAB that needs them. Therefore this
module imports no command, and prints nothing rather than an error.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepcli.audio.portaudio import Device

VOICES, OUTPUTS, INPUTS = "voices", "outputs", "inputs"

Candidate = tuple[str, str]
"""A value and its description."""


def print_candidates(source: str) -> None:
    """Print the candidates of ``source``, one per line: the value, a tab, a description."""
    with suppress(Exception):  # an error message would end up on the user's command line
        lines = [f"{value}\t{description}\n" for value, description in _SOURCES[source]()]
        sys.stdout.write("".join(lines))


def _voices() -> Iterable[Candidate]:
    from stepcli.cli.params.voice_names import complete

    return complete("")


def _outputs() -> Iterable[Candidate]:
    return _devices(lambda device: device.max_output_channels)


def _inputs() -> Iterable[Candidate]:
    return _devices(lambda device: device.max_input_channels)


def _devices(channels: Callable[[Device], int]) -> Iterable[Candidate]:
    """Yield devices by name, or by number if several devices have the same name."""
    from stepcli.audio.portaudio import list_devices

    found = [device for device in list_devices() if channels(device)]
    names = Counter(device.name for device in found)
    for device in found:
        name = device.name if names[device.name] == 1 else str(device.index)
        yield name, f"{device.index}: {device.name}, {device.host_api}"


_SOURCES = {VOICES: _voices, OUTPUTS: _outputs, INPUTS: _inputs}
