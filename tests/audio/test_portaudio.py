"""The shape a stream opens in, the choice of a device, and the error messages.

A stand-in replaces PortAudio, because devices of other systems are not available here.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from stepcli.audio.portaudio import (
    Device,
    find_input,
    find_output,
    list_devices,
    open_output,
    portaudio_version,
    silent_microphone_hint,
)
from stepcli.audio_types import PCM
from stepcli.errors import DeviceError, StepcliError, UsageError

BAD_RATE = ("Error opening RawOutputStream: Invalid sample rate", -9997)
BAD_CHANNELS = ("Error opening RawOutputStream: Invalid number of channels", -9998)
BUSY = ("Error opening RawOutputStream: Device unavailable", -9985)
NOT_ALLOWED = (
    "Error opening RawOutputStream: Unanticipated host error",
    -9999,
    (0, 13, "Permission denied"),
)
SHAPELESS = ("Error opening RawOutputStream: Illegal combination of I/O devices", -9993)

# As Windows lists two loudspeakers and a microphone, under each of its host APIs.
WINDOWS = [
    ("Microphone (USB)", 0, 1, 0),
    ("Speakers (Realtek)", 0, 0, 2),
    ("Headphones (USB)", 0, 0, 2),
    ("Speakers (Realtek)", 1, 0, 2),
    ("Headphones (USB)", 1, 0, 2),
    ("Headphones (USB)  left\n", 1, 0, 2),
]
DEVICE = Device(4, "Speakers", "ALSA", 0, 2, 48000, False, True)


class PortAudioError(Exception):
    pass


def _pretend(monkeypatch: pytest.MonkeyPatch, **attributes: Any) -> None:
    module = SimpleNamespace(PortAudioError=PortAudioError, **attributes)
    monkeypatch.setitem(sys.modules, "sounddevice", module)


def _pretend_devices(
    monkeypatch: pytest.MonkeyPatch, devices: list[tuple[str, int, int, int]], default: list[int]
) -> None:
    _pretend(
        monkeypatch,
        default=SimpleNamespace(device=default),
        query_hostapis=lambda: [{"name": "MME"}, {"name": "WASAPI"}],
        query_devices=lambda: [
            {
                "index": index,
                "name": name,
                "hostapi": host_api,
                "max_input_channels": inputs,
                "max_output_channels": outputs,
                "default_samplerate": 44100.0,
            }
            for index, (name, host_api, inputs, outputs) in enumerate(devices)
        ],
    )


def _refusing(rate: int, channels: int) -> Any:
    def open_stream(**wanted: Any) -> str:
        if wanted["samplerate"] != rate:
            raise PortAudioError(*BAD_RATE)
        if wanted["channels"] != channels:
            raise PortAudioError(*BAD_CHANNELS)
        return "stream"

    return open_stream


def _opened(pcm: PCM) -> PCM:
    stream, shape = open_output(DEVICE, pcm, 0.1, lambda *_: None)
    assert stream == "stream"
    return shape


@pytest.mark.parametrize("shape", [PCM(24000), PCM(24000, 2), PCM(48000), PCM(48000, 2)])
def test_nearest_shape_that_the_device_accepts_is_opened(
    monkeypatch: pytest.MonkeyPatch, shape: PCM
) -> None:
    _pretend(monkeypatch, RawOutputStream=_refusing(shape.rate, shape.channels))
    assert _opened(PCM(24000)) == shape


@pytest.mark.parametrize(
    ("refusal", "reported"),
    [
        (BAD_RATE, "does not open: Invalid sample rate"),
        (BUSY, "is busy or gone"),
        (NOT_ALLOWED, "does not open: Permission denied"),
        (SHAPELESS, "does not open"),
    ],
)
def test_refusal_names_the_device_and_the_reason(
    monkeypatch: pytest.MonkeyPatch, refusal: tuple[Any, ...], reported: str
) -> None:
    """And has a hint."""

    def refuse(**_wanted: Any) -> None:
        raise PortAudioError(*refusal)

    _pretend(monkeypatch, RawOutputStream=refuse)
    with pytest.raises(DeviceError) as failure:
        _opened(PCM(24000))
    assert failure.value.message == f"the audio device 4 (Speakers, ALSA) {reported}"
    assert failure.value.hint


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (None, 1),
        ("3", 3),
        ("speakers (realtek)", 1),
        ("PHONES", 2),
        ("left", 5),
    ],
)
def test_output_is_found_by_number_name_or_default(
    monkeypatch: pytest.MonkeyPatch, wanted: str | None, index: int
) -> None:
    """By exact name, or a part of it on the host API of the default device."""
    _pretend_devices(monkeypatch, WINDOWS, [0, 1])
    assert find_output(wanted).index == index


def test_input_is_found_among_recording_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_devices(monkeypatch, WINDOWS, [0, 1])
    assert find_input("usb").index == 0


def test_first_output_is_used_without_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_devices(monkeypatch, WINDOWS, [-1, -1])
    assert find_output().index == 1


@pytest.mark.parametrize(
    ("wanted", "error", "reported"),
    [
        ("e", UsageError, "1 (Speakers (Realtek), MME), 2 (Headphones (USB), MME)"),
        ("0", UsageError, "no output device '0'"),
        ("99", UsageError, "no output device '99'"),
        ("microphone", UsageError, "no output device 'microphone'"),
    ],
)
def test_unknown_or_ambiguous_output_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, wanted: str, error: type[StepcliError], reported: str
) -> None:
    """It lists the devices."""
    _pretend_devices(monkeypatch, WINDOWS, [0, 1])
    with pytest.raises(error) as failure:
        find_output(wanted)
    assert reported in failure.value.message
    assert failure.value.hint


def test_machine_without_output_is_a_device_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever device is requested."""
    _pretend_devices(monkeypatch, WINDOWS[:1], [0, -1])
    with pytest.raises(DeviceError, match="no audio output device"):
        find_output("3")


def test_version_is_that_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "PortAudio V19.7.0-devel, revision 147dd722548358763a8b649b3e4b41dfffbcfbb6"
    _pretend(monkeypatch, get_portaudio_version=lambda: (1246976, text))
    assert portaudio_version() == "V19.7.0-devel"


def test_blanks_in_names_are_collapsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a table has one line per device."""
    _pretend_devices(monkeypatch, WINDOWS, [0, 1])
    assert list_devices()[5].name == "Headphones (USB) left"


@pytest.mark.parametrize(
    ("system", "where"),
    [("darwin", "Privacy & Security > Microphone"), ("win32", "Privacy"), ("linux", "muted")],
)
def test_hint_about_silence_depends_on_the_system(
    monkeypatch: pytest.MonkeyPatch, system: str, where: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert where in silent_microphone_hint()
