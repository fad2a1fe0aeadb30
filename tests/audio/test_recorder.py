"""A microphone as the program wants it, whatever the device has. PortAudio is a stand-in."""

from __future__ import annotations

import sys
from itertools import islice
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from stepcli.audio.recorder import Recorder
from stepcli.errors import DeviceError

RATE, CHANNELS = 48000, 2
"""All that the device takes."""


class PortAudioError(Exception):
    pass


class Stream:
    """A stereo device with a tone of 440 Hz, ``gains`` times as loud on its two channels.

    It lost something before block 3 and fails after 100 blocks.
    """

    gains: ClassVar = (1.0, 0.0)

    def __init__(self, **options: Any) -> None:
        if (options["samplerate"], options["channels"]) != (RATE, CHANNELS):
            raise PortAudioError("Error opening RawInputStream: Invalid sample rate", -9997)
        self._position = 0
        self._number = 0

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def read(self, frames: int) -> tuple[bytes, bool]:
        self._number += 1
        if self._number > 100:
            raise PortAudioError("Unanticipated host error", -9999)
        time = np.arange(self._position, self._position + frames) / RATE
        self._position += frames
        tone = 20000 * np.sin(2 * np.pi * 440 * time)
        return np.outer(tone, self.gains).round().astype("<i2").tobytes(), self._number == 3


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    device = {
        "index": 0, "name": "Line in", "hostapi": 0, "max_input_channels": 2,
        "max_output_channels": 0, "default_samplerate": float(RATE),
    }  # fmt: skip
    module = SimpleNamespace(
        PortAudioError=PortAudioError,
        RawInputStream=Stream,
        default=SimpleNamespace(device=[0, -1]),
        query_hostapis=lambda: [{"name": "ALSA"}],
        query_devices=lambda: [device],
    )
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return Recorder(16000, block=0.05)


@pytest.mark.parametrize(
    ("gains", "peak"), [((1, 0), 10000), ((1, 1), 20000), ((1, -1), 20000)], ids=str
)
def test_device_of_another_shape_is_converted(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, gains: tuple[int, int], peak: int
) -> None:
    """48 kHz stereo becomes 16 kHz mono of the same length, also where the channels are inverse."""
    monkeypatch.setattr(Stream, "gains", gains)
    with recorder as source:
        samples = np.frombuffer(b"".join(islice(source, 40)), "<i2")
    assert len(samples) == pytest.approx(2 * 16000, abs=800)
    spectrum = np.abs(np.fft.rfft(samples[:16000]))
    assert int(spectrum.argmax()) == 440
    assert abs(samples).max() == pytest.approx(peak, rel=0.02)


def test_overflows_are_counted(recorder: Recorder) -> None:
    with recorder as source:
        list(islice(source, 5))
    assert recorder.overflows == 1


def test_device_that_fails_while_recording_is_named(recorder: Recorder) -> None:
    with recorder as source, pytest.raises(DeviceError, match=r"0 \(Line in, ALSA\)"):
        list(source)
