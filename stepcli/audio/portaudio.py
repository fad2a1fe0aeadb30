"""PortAudio: load it, choose a device, open and close streams, explain its errors."""

from __future__ import annotations

import atexit
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any, Literal

from stepcli.audio.c_stderr import silence_c_stderr
from stepcli.audio_types import PCM
from stepcli.errors import DeviceError, UsageError

_INPUT_LATENCY = 0.2
"""Seconds of audio that the driver of a microphone holds for a reader that is late.

PortAudio's "high" latency is 35 ms on Linux, which a busy machine exceeds. This delays the audio by
16 ms only.
"""
_CLOSE_SECONDS = 1.0


Direction = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class Device:
    """An audio device. ``index`` is the number that ``--device`` takes; the rate is in Hz."""

    index: int
    name: str
    host_api: str
    max_input_channels: int
    max_output_channels: int
    default_sample_rate: int
    default_input: bool
    default_output: bool

    def has(self, direction: Direction) -> bool:
        """Return whether there is a channel of `direction`."""
        return (self.max_input_channels if direction == "input" else self.max_output_channels) > 0

    def is_default(self, direction: Direction) -> bool:
        """Return whether it is the default device of `direction`."""
        return self.default_input if direction == "input" else self.default_output

    def __str__(self) -> str:
        return f"{self.index} ({self.name}, {self.host_api})"


def load_portaudio() -> Any:
    """Return the ``sounddevice`` module. Raises DeviceError if PortAudio is missing or fails."""
    try:
        import sounddevice
    except (ImportError, OSError) as exc:
        raise DeviceError(f"sound needs PortAudio: {exc}", hint=_how_to_install()) from exc
    except Exception as exc:  # PortAudioError, which cannot be imported if the module fails
        raise DeviceError(f"PortAudio does not start: {exc}", hint=device_hint()) from exc
    silence_c_stderr()
    return sounddevice


def portaudio_version() -> str:
    """Return the version of PortAudio. Raises DeviceError if it is missing."""
    version: str = load_portaudio().get_portaudio_version()[1]
    return version.partition(",")[0].removeprefix("PortAudio ")


def list_devices() -> list[Device]:
    """Return all devices in the order of their numbers. Raises DeviceError without PortAudio."""
    sounddevice = load_portaudio()
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
    """Return the device to play on: by number, by a part of its name, or the default.

    Raises UsageError if ``wanted`` matches no device or several, DeviceError if there are none.
    """
    return _find(wanted, "output")


def find_input(wanted: str | None = None) -> Device:
    """Return the device to record from, as ``find_output`` does."""
    return _find(wanted, "input")


def _find(wanted: str | None, direction: Direction) -> Device:
    devices = [device for device in list_devices() if device.has(direction)]
    if not devices:
        raise DeviceError(f"this machine has no audio {direction} device", hint=device_hint())
    if wanted is None:
        return next((one for one in devices if one.is_default(direction)), devices[0])
    found = _matching(wanted, devices, direction)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{wanted!r} matches several {direction} devices: {_listing(found)}",
            hint="choose one by its number",
        )
    raise UsageError(f"no {direction} device {wanted!r}", hint=f"there is {_listing(devices)}")


def _matching(wanted: str, devices: Sequence[Device], direction: Direction) -> list[Device]:
    if wanted.isdecimal():
        return [device for device in devices if device.index == int(wanted)]
    name = wanted.casefold()
    exact = [device for device in devices if device.name.casefold() == name]
    found = exact or [device for device in devices if name in device.name.casefold()]
    # Windows lists each device once per host API: prefer that of the default device.
    default_apis = {device.host_api for device in devices if device.is_default(direction)}
    return [device for device in found if device.host_api in default_apis] or found


def _listing(devices: Sequence[Device]) -> str:
    return ", ".join(map(str, devices))


def open_output(
    device: Device, pcm: PCM, latency: float, callback: Callable[..., None]
) -> tuple[Any, PCM]:
    """Return a ``RawOutputStream``, not yet started, and its shape.

    The shape is the one nearest to ``pcm`` that the device accepts: ``pcm`` itself, else stereo for
    mono, else either at the default rate of the device. ``latency`` is in seconds. Raises
    DeviceError.
    """
    kind = load_portaudio().RawOutputStream
    return _open(kind, device, pcm, latency=latency, callback=callback)


def open_input(device: Device, pcm: PCM) -> tuple[Any, PCM]:
    """Return a ``RawInputStream`` for blocking reads, otherwise as ``open_output`` does."""
    return _open(load_portaudio().RawInputStream, device, pcm, latency=_INPUT_LATENCY)


def _open(kind: Callable[..., Any], device: Device, pcm: PCM, **options: Any) -> tuple[Any, PCM]:
    def open_as(shape: PCM) -> Any:
        return kind(
            samplerate=shape.rate,
            channels=shape.channels,
            dtype="int16",
            device=device.index,
            **options,
        )

    shapes = [
        PCM(rate, channels)
        for rate in dict.fromkeys((pcm.rate, device.default_sample_rate))
        for channels in dict.fromkeys((pcm.channels, max(pcm.channels, 2)))
    ]
    with opening_errors(device):
        return _first_accepted(open_as, shapes)


def _first_accepted(open_as: Callable[[PCM], Any], shapes: Sequence[PCM]) -> tuple[Any, PCM]:
    """Return the first stream that opens and its shape; else raise the refusal of the first."""
    refusals: list[Exception] = []
    for shape in shapes:
        try:
            return open_as(shape), shape
        except load_portaudio().PortAudioError as exc:
            refusals.append(exc)
            if _code(exc) == _UNAVAILABLE:
                break
    raise refusals[0]


def start_stream(stream: Any, device: Device) -> None:
    """Start ``stream``. Raises DeviceError."""
    with opening_errors(device):
        stream.start()


def close_stream(stream: Any) -> None:
    """Close ``stream``; abandon the driver if it does not answer within a second."""
    closer = Thread(target=stream.close, name="stepcli-close-audio", daemon=True)
    closer.start()
    closer.join(_CLOSE_SECONDS)
    if closer.is_alive():
        abandon_driver()


def abandon_driver() -> None:
    """Exit without terminating PortAudio, which would wait for a driver that does not answer."""
    atexit.unregister(load_portaudio()._exit_handler)


@contextmanager
def opening_errors(device: Device) -> Iterator[None]:
    """Turn errors of PortAudio while ``device`` is opened or started into DeviceError."""
    try:
        yield
    except load_portaudio().PortAudioError as exc:
        raise _opening_error(exc, device) from exc


@contextmanager
def recording_errors(device: Device) -> Iterator[None]:
    """Turn errors of PortAudio while ``device`` records into DeviceError."""
    try:
        yield
    except load_portaudio().PortAudioError as exc:
        raise recording_stopped(str(device)) from exc


def recording_stopped(device: str) -> DeviceError:
    """Return the error for a microphone that fails during a recording."""
    return DeviceError(
        f"the microphone {device} stopped delivering audio",
        hint="check that it is still connected: stepcli devices lists all devices",
    )


# portaudio.h, PaErrorCode
_HOST_ERROR = -9999
_BAD_COMBINATION = -9993
_UNAVAILABLE = -9985


def _code(exc: Exception) -> int | None:
    return exc.args[1] if len(exc.args) > 1 else None


def _opening_error(exc: Exception, device: Device) -> DeviceError:
    if _code(exc) == _UNAVAILABLE:
        return DeviceError(
            f"the audio device {device} is busy or gone",
            hint="close the program that uses it, or choose another: stepcli devices lists them",
        )
    return DeviceError(f"the audio device {device} does not open{_reason(exc)}", hint=device_hint())


def _reason(exc: Exception) -> str:
    """Return what the system reported, nothing for the unspecific error that ALSA causes."""
    if _code(exc) == _BAD_COMBINATION:
        return ""
    if _code(exc) == _HOST_ERROR:
        return f": {exc.args[2][2]}"
    return f": {exc.args[0].rpartition(': ')[2]}"


_PACKAGES = {
    "apt": "apt install libportaudio2",
    "dnf": "dnf install portaudio",
    "pacman": "pacman -S portaudio",
    "zypper": "zypper install libportaudio2",
    "apk": "apk add portaudio",
}


def _how_to_install() -> str:
    if sys.platform != "linux":
        return "pip install --force-reinstall sounddevice brings its own PortAudio"
    return next(
        (command for tool, command in _PACKAGES.items() if shutil.which(tool)),
        "install your system's PortAudio package (libportaudio2, portaudio)",
    )


def device_hint() -> str:
    """Return where on this system to look if a device is missing or does not open."""
    if sys.platform == "darwin":
        return "see System Settings > Sound, and Privacy & Security > Microphone for recording"
    if sys.platform == "win32":
        return "see Settings > System > Sound, and Privacy > Microphone for recording"
    return "check that a sound server (PipeWire, PulseAudio) runs and that you are in group audio"


def silent_microphone_hint() -> str:
    """Return why on this system a microphone may deliver only zeros, and what to change."""
    if sys.platform == "darwin":
        return (
            "allow the terminal to use it: System Settings > Privacy & Security > Microphone,"
            " then open the terminal again"
        )
    if sys.platform == "win32":
        return "allow desktop apps to use it: Settings > Privacy > Microphone"
    return "check in pavucontrol or alsamixer whether it is muted, or a monitor of a silent output"
