"""Recording: conversion of what the device delivers, and capture into a file."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Self

import numpy as np
import pytest

from stepcli.audio.recorder import Capture, Recorder
from stepcli.audio.recording_file import RecordingFile
from stepcli.audio_types import PCM
from stepcli.errors import DeviceError, OutputError
from tests.support.program import until

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


BLOCK = b"\x01\x00" * 512


class Source:
    """``blocks`` blocks, then an ``end``: an exception, or nothing until ``released`` is set."""

    device = "the source"
    overflows = 7

    def __init__(self, blocks: int, end: Exception | None = None) -> None:
        self._blocks = blocks
        self._end = end
        self.stuck = threading.Event()
        self.released = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._blocks):
            yield BLOCK
        if self._end:
            raise self._end
        self.stuck.set()
        self.released.wait(20)


@pytest.fixture
def recording_file(tmp_path: Path) -> RecordingFile:
    return RecordingFile(tmp_path / "tape.wav", PCM(16000))


def test_capture_ends_after_so_many_seconds(recording_file: RecordingFile) -> None:
    """To the frame, in the middle of a block."""
    source = Source(100)
    with Capture(source, recording_file, seconds=0.05) as capture:
        until(lambda: capture.ended)
    assert not source.stuck.is_set()
    assert (recording_file.size, capture.failure) == (1600, None)


def test_capture_ends_with_a_failure_of_the_source(recording_file: RecordingFile) -> None:
    """What came before it is in the file."""
    with Capture(Source(3, DeviceError("gone")), recording_file) as capture:
        until(lambda: capture.ended)
    assert (recording_file.size, str(capture.failure)) == (3 * len(BLOCK), "gone")
    assert capture.overflows == 7


def test_unexpected_exception_is_raised_by_stop(recording_file: RecordingFile) -> None:
    with Capture(Source(1, ZeroDivisionError()), recording_file) as capture:
        until(lambda: capture.ended)
        with pytest.raises(ZeroDivisionError):
            capture.stop()
    assert recording_file.size == len(BLOCK)


def test_capture_ends_with_a_failure_of_the_file(
    recording_file: RecordingFile, monkeypatch: pytest.MonkeyPatch
) -> None:

    def full(_: bytes) -> None:
        raise OutputError("cannot record: no space")

    monkeypatch.setattr(recording_file, "write", full)
    with Capture(Source(3), recording_file) as capture:
        until(lambda: capture.ended)
    assert isinstance(capture.failure, OutputError)


def test_device_that_hangs_is_abandoned(
    recording_file: RecordingFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for it; what it delivered is in the file."""
    left: list[bool] = []
    monkeypatch.setattr("stepcli.audio.recorder.abandon_driver", lambda: left.append(True))
    monkeypatch.setattr("stepcli.audio.recorder._STOP_SECONDS", 0.01)
    source = Source(2)
    with Capture(source, recording_file) as capture:
        assert source.stuck.wait(20)
        capture.abandon()
    assert str(capture.failure) == "the microphone the source stopped delivering audio"
    assert (left, recording_file.size) == ([True], 2 * len(BLOCK))
    source.released.set()
