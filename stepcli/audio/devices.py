"""The audio devices of this machine, and the one that the user means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stepcli.audio.portaudio import how_to_mend, portaudio
from stepcli.errors import DeviceError, UsageError


@dataclass(frozen=True, slots=True)
class Device:
    """``index`` is the number that ``--device`` takes; rates are in Hz."""

    index: int
    name: str
    host_api: str
    max_input_channels: int
    max_output_channels: int
    default_sample_rate: int
    default_input: bool
    default_output: bool

    def __str__(self) -> str:
        return f"{self.index} ({self.name}, {self.host_api})"


def list_devices() -> list[Device]:
    """Every device, in the order of its number. Raises DeviceError without PortAudio."""
    sounddevice = portaudio()
    host_apis = [api["name"] for api in sounddevice.query_hostapis()]
    default_input, default_output = sounddevice.default.device
    return [
        Device(
            index=info["index"],
            name=" ".join(info["name"].split()),
            host_api=host_apis[info["hostapi"]],
            max_input_channels=info["max_input_channels"],
            max_output_channels=info["max_output_channels"],
            default_sample_rate=round(info["default_samplerate"]),
            default_input=info["index"] == default_input,
            default_output=info["index"] == default_output,
        )
        for info in sounddevice.query_devices()
    ]


def find_output(wanted: str | None = None) -> Device:
    """The device to play on: by number, by part of its name, or the default.

    Raises UsageError where ``wanted`` names none or several, DeviceError where there are none.
    """
    return _find(wanted, _Side("output", _plays, lambda device: device.default_output))


def find_input(wanted: str | None = None) -> Device:
    """The device to record from; otherwise as ``find_output``."""
    return _find(wanted, _Side("input", _records, lambda device: device.default_input))


def _plays(device: Device) -> bool:
    return device.max_output_channels > 0


def _records(device: Device) -> bool:
    return device.max_input_channels > 0


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    serves: Callable[[Device], bool]
    is_default: Callable[[Device], bool]


def _find(wanted: str | None, side: _Side) -> Device:
    devices = [device for device in list_devices() if side.serves(device)]
    if not devices:
        raise DeviceError(f"this machine has no audio {side.name} device", hint=how_to_mend())
    if wanted is None:
        return next(filter(side.is_default, devices), devices[0])
    return _only(_matching(wanted, devices, side), wanted, devices, side)


def _matching(wanted: str, devices: Sequence[Device], side: _Side) -> list[Device]:
    if wanted.isdecimal():
        return [device for device in devices if device.index == int(wanted)]
    name = wanted.casefold()
    exact = [device for device in devices if device.name.casefold() == name]
    partly = [device for device in devices if name in device.name.casefold()]
    return _of_default_api(exact or partly, devices, side)


def _of_default_api(found: list[Device], devices: Sequence[Device], side: _Side) -> list[Device]:
    """Windows shows one device under each of its host APIs: the default one's is meant."""
    usual = {device.host_api for device in devices if side.is_default(device)}
    return [device for device in found if device.host_api in usual] or found


def _only(found: Sequence[Device], wanted: str, devices: Sequence[Device], side: _Side) -> Device:
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{wanted!r} is the name of several {side.name} devices: {_listed(found)}",
            hint="say which by its number",
        )
    raise UsageError(f"no {side.name} device {wanted!r}", hint=f"there is {_listed(devices)}")


def _listed(devices: Sequence[Device]) -> str:
    return ", ".join(map(str, devices))
