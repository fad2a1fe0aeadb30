"""``stepcli devices``: list the audio devices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from stepcli.cli.context import Run
from stepcli.cli.io.table import Column, show_table
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.command import command, command_app

if TYPE_CHECKING:
    from stepcli.audio.portaudio import Device

app = command_app()

HEADINGS = ("NUMBER", "IN", "OUT", "RATE", "DEFAULT", "API", "NAME")
"""The name comes last because it may contain spaces."""


@command(app)
def devices(run: Run) -> None:
    """List the audio devices.

    --device accepts a number, or a part of a name that matches one device. IN and OUT are channel
    counts, RATE is in Hz, and DEFAULT marks the devices used without --device.
    """
    from stepcli.audio.portaudio import device_hint, list_devices

    found = list_devices()
    if run.terminal.json:
        run.terminal.result_json({"devices": [asdict(device) for device in found]})
    elif found:
        _show(run.terminal, found)
    else:
        run.terminal.note(f"this machine has no audio devices; {device_hint()}")


def _show(terminal: Terminal, found: Iterable[Device]) -> None:
    show_table(terminal, [HEADINGS, *map(_row, found)], [Column()] * len(HEADINGS))


def _row(device: Device) -> Sequence[str]:
    return (
        str(device.index),
        str(device.max_input_channels),
        str(device.max_output_channels),
        str(device.default_sample_rate),
        _default(device),
        device.host_api,
        device.name,
    )


def _default(device: Device) -> str:
    sides = {"in": device.default_input, "out": device.default_output}
    return ",".join(side for side, is_default in sides.items() if is_default) or "-"
