"""What a shell asks the program for when TAB is pressed: names that only this machine knows.

The completion scripts know everything else themselves. This is run at every such TAB, so it imports
no command; and whatever goes wrong, a shell at its prompt gets no names rather than an error.
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

Value = tuple[str, str]


def answer(what: str) -> None:
    """Print a value a line, a tab and a word about it."""
    with suppress(Exception):
        lines = [f"{value}\t{about}\n" for value, about in _SOURCES[what]()]
        sys.stdout.write("".join(lines))


def _voices() -> Iterable[Value]:
    from stepcli.cli.params.voice_names import complete

    return complete("")


def _outputs() -> Iterable[Value]:
    return _devices(lambda device: device.max_output_channels)


def _inputs() -> Iterable[Value]:
    return _devices(lambda device: device.max_input_channels)


def _devices(channels: Callable[[Device], int]) -> Iterable[Value]:
    """Devices by name, or by number where several have the name."""
    from stepcli.audio.portaudio import list_devices

    found = [device for device in list_devices() if channels(device)]
    names = Counter(device.name for device in found)
    for device in found:
        name = device.name if names[device.name] == 1 else str(device.index)
        yield name, f"{device.index}: {device.name}, {device.host_api}"


_SOURCES = {VOICES: _voices, OUTPUTS: _outputs, INPUTS: _inputs}
