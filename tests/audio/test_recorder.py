"""A microphone as the program wants it, whatever the device has. PortAudio is stood in for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stepcli.audio.recorder import Recorder
from stepcli.errors import DeviceError

RATE, CHANNELS = 48000, 2
"""All that the device takes."""


class PortAudioError(Exception):
    pass


class Stream:
    """A stereo device with a tone of 440 Hz on one channel, that lost something before block 3."""

    def __init__(self, **asked: Any) -> None:
        if (asked["samplerate"], asked["channels"]) != (RATE, CHANNELS):
            raise PortAudioError("Error opening RawInputStream: Invalid sample rate", -9997)
        self._blocks = self._tone()
        self._number = 0

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def read(self, frames: int) -> tuple[bytes, bool]:
        self._number += 1
        if self._number > 100:
            raise PortAudioError("Unanticipated host error", -9999)
        return bytes(b"".join(islice(self._blocks, frames))), self._number == 3

    @staticmethod
    def _tone() -> Iterator[bytes]:
        for frame in range(RATE * 10):
            left = round(20000 * np.sin(2 * np.pi * 440 * frame / RATE))
            yield np.array([left, 0], "<i2").tobytes()


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


def test_another_rate_and_shape(recorder: Recorder) -> None:
    """A device of 48 kHz stereo gives mono at 16 kHz: the same tone, for as long."""
    with recorder as source:
        samples = np.frombuffer(b"".join(islice(source, 40)), "<i2")
    assert len(samples) == pytest.approx(2 * 16000, abs=800)
    spectrum = np.abs(np.fft.rfft(samples[:16000]))
    assert int(spectrum.argmax()) == 440
    assert abs(samples).max() == pytest.approx(10000, rel=0.02)


def test_overflows_are_counted(recorder: Recorder) -> None:
    """Sound that was lost is not unsaid."""
    with recorder as source:
        list(islice(source, 5))
    assert recorder.overflows == 1


def test_gone_in_the_middle(recorder: Recorder) -> None:
    """Not a failure to open: it was there a moment ago."""
    with recorder as source, pytest.raises(DeviceError, match=r"0 \(Line in, ALSA\) gives no more"):
        list(source)
