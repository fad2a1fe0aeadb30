"""The one place that meets PortAudio: loading it, opening its streams, telling its failures."""

from __future__ import annotations

import atexit
import ctypes
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import Any

from stepcli.audio_types import PCM
from stepcli.errors import DeviceError, UsageError

_HELD = 0.2
"""Seconds that a microphone's driver holds for a reader that is late. Its "high" is 35 ms on Linux,
which a busy machine exceeds; this much more comes 16 ms later, and nobody waits for it."""

log = logging.getLogger(__name__)


def load_portaudio() -> Any:
    """The ``sounddevice`` module. Raises DeviceError where PortAudio is missing or fails."""
    try:
        import sounddevice
    except (ImportError, OSError) as exc:
        raise DeviceError(f"sound needs PortAudio: {exc}", hint=_how_to_install()) from exc
    except Exception as exc:  # its class is out of reach while the import fails
        raise DeviceError(f"PortAudio does not start: {exc}", hint=device_hint()) from exc
    _hush_c()
    return sounddevice


@cache
def _hush_c() -> None:
    """Point C's ``stderr``, which is not Python's, at nothing; not when debugging.

    PortAudio and ALSA print to it, from any thread, what we tell in a sentence. glibc lets it be
    replaced; elsewhere it is left alone.
    """
    if log.isEnabledFor(logging.DEBUG) or not _on_glibc():
        return
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    if nothing := libc.fopen(os.devnull.encode(), b"w"):
        ctypes.c_void_p.in_dll(libc, "stderr").value = nothing


def _on_glibc() -> bool:
    if sys.platform != "linux":
        return False
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (OSError, ValueError):
        return False


def open_output(
    device: Device, pcm: PCM, latency: float, callback: Callable[..., None]
) -> tuple[Any, PCM]:
    """A ``RawOutputStream``, not yet started, in the shape nearest to ``pcm`` that opens.

    That is ``pcm`` itself if it can be, else stereo for mono, else either at the device's own
    rate; it is told beside the stream. ``latency`` is in seconds. Raises DeviceError.
    """
    kind = load_portaudio().RawOutputStream
    return _open(kind, device, pcm, latency=latency, callback=callback)


def open_input(device: Device, pcm: PCM) -> tuple[Any, PCM]:
    """A ``RawInputStream`` for blocking reads; otherwise as ``open_output``."""
    return _open(load_portaudio().RawInputStream, device, pcm, latency=_HELD)


def _open(kind: Callable[..., Any], device: Device, pcm: PCM, **more: Any) -> tuple[Any, PCM]:
    def open_as(shape: PCM) -> Any:
        return kind(
            samplerate=shape.rate,
            channels=shape.channels,
            dtype="int16",
            device=device.index,
            **more,
        )

    with opening_errors(device):
        return _first_accepted(open_as, _shapes(device, pcm))


def start_stream(stream: Any, device: Device) -> None:
    """Let the callbacks begin. Raises DeviceError."""
    with opening_errors(device):
        stream.start()


def close_stream(stream: Any, within: float = 1.0) -> None:
    """Close ``stream``. A driver that does not answer within that many seconds is left behind."""
    closer = Thread(target=stream.close, name="stepcli-close-audio", daemon=True)
    closer.start()
    closer.join(within)
    if closer.is_alive():
        abandon_driver()


def abandon_driver() -> None:
    """A driver does not answer: do not wait for it, for ever, when the interpreter exits."""
    atexit.unregister(load_portaudio()._exit_handler)


@contextmanager
def opening_errors(device: Device) -> Iterator[None]:
    """Turns PortAudio's failures into DeviceError."""
    try:
        yield
    except load_portaudio().PortAudioError as exc:
        raise _explained(exc, device) from exc


@contextmanager
def recording_errors(device: Device) -> Iterator[None]:
    """Turns PortAudio's failures while ``device`` records into DeviceError."""
    try:
        yield
    except load_portaudio().PortAudioError as exc:
        raise recording_stopped(str(device)) from exc


def recording_stopped(device: str) -> DeviceError:
    """The failure of a microphone in the middle of a recording."""
    return DeviceError(
        f"the microphone {device} gives no more sound",
        hint="see that it is still plugged in: stepcli devices lists what there is",
    )


def _shapes(device: Device, pcm: PCM) -> list[PCM]:
    """What to try, the nearest to ``pcm`` first."""
    return [
        PCM(rate, channels)
        for rate in dict.fromkeys((pcm.rate, device.default_sample_rate))
        for channels in dict.fromkeys((pcm.channels, max(pcm.channels, 2)))
    ]


def _first_accepted(open_as: Callable[[PCM], Any], shapes: Sequence[PCM]) -> tuple[Any, PCM]:
    """The first that opens; else raises the first refusal, which is about what was wanted."""
    refusals: list[Exception] = []
    for shape in shapes:
        try:
            return open_as(shape), shape
        except load_portaudio().PortAudioError as exc:
            refusals.append(exc)
            if _code(exc) == _UNAVAILABLE:
                break
    raise refusals[0]


# portaudio.h, PaErrorCode
_HOST_ERROR = -9999
_BAD_COMBINATION = -9993
_UNAVAILABLE = -9985


def _code(exc: Exception) -> int | None:
    return exc.args[1] if len(exc.args) > 1 else None


def _explained(exc: Exception, device: Device) -> DeviceError:
    if _code(exc) == _UNAVAILABLE:
        return DeviceError(
            f"the audio device {device} is busy or gone",
            hint="close the program that holds it, or choose another: stepcli devices lists them",
        )
    return DeviceError(f"the audio device {device} does not open{_reason(exc)}", hint=device_hint())


def _reason(exc: Exception) -> str:
    """What the system said. ALSA's refusals reach us as a "bad combination", which says nothing."""
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
    """Where on this system to look when a device is missing or refuses."""
    if sys.platform == "darwin":
        return "see System Settings > Sound, and Privacy & Security > Microphone for recording"
    if sys.platform == "win32":
        return "see Settings > System > Sound, and Privacy > Microphone for recording"
    return "see that a sound server (PipeWire, PulseAudio) runs and that you are in group audio"


def silent_microphone_hint() -> str:
    """Why on this system a microphone gives nothing but zeros, and where to look."""
    if sys.platform == "darwin":
        return (
            "allow the terminal to use it: System Settings > Privacy & Security > Microphone,"
            " then open the terminal again"
        )
    if sys.platform == "win32":
        return "see Settings > Privacy > Microphone: desktop apps must be allowed to use it"
    return "its source may be muted or a monitor that plays nothing: pavucontrol or alsamixer shows"


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
        raise DeviceError(f"this machine has no audio {side.name} device", hint=device_hint())
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
