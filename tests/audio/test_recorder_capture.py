"""A source that runs onto a tape by itself, and every way that it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from stepcli.audio.recorder import Capture
from stepcli.audio.recording_file import RecordingFile
from stepcli.audio_types import PCM
from stepcli.errors import DeviceError, OutputError
from tests.support.program import until

BLOCK = b"\x01\x00" * 512


class Source:
    """``blocks`` blocks, then an ``end``: an exception, or silence until it is let go."""

    device = "the source"
    overflows = 7

    def __init__(self, blocks: int, end: Exception | None = None) -> None:
        self._blocks = blocks
        self._end = end
        self.stuck = threading.Event()
        self.let_go = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._blocks):
            yield BLOCK
        if self._end:
            raise self._end
        self.stuck.set()
        self.let_go.wait(20)


@pytest.fixture
def recording_file(tmp_path: Path) -> RecordingFile:
    return RecordingFile(tmp_path / "tape.wav", PCM(16000))


def test_so_many_seconds(recording_file: RecordingFile) -> None:
    """To the frame, in the middle of a block."""
    source = Source(100)
    with Capture(source, recording_file, seconds=0.05) as capture:
        until(lambda: capture.ended)
    assert not source.stuck.is_set()
    assert (recording_file.size, capture.failure) == (1600, None)


def test_a_failure_ends_it(recording_file: RecordingFile) -> None:
    """What came before it is on the tape."""
    with Capture(Source(3, DeviceError("gone")), recording_file) as capture:
        until(lambda: capture.ended)
    assert (recording_file.size, str(capture.failure)) == (3 * len(BLOCK), "gone")
    assert capture.overflows == 7


def test_a_fault_of_the_program(recording_file: RecordingFile) -> None:
    """It surfaces in the main thread."""
    with Capture(Source(1, ZeroDivisionError()), recording_file) as capture:
        until(lambda: capture.ended)
        with pytest.raises(ZeroDivisionError):
            capture.stop()
    assert recording_file.size == len(BLOCK)


def test_a_full_disk(recording_file: RecordingFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The output failed, not the microphone."""

    def full(_: bytes) -> None:
        raise OutputError("cannot record: no space")

    monkeypatch.setattr(recording_file, "write", full)
    with Capture(Source(3), recording_file) as capture:
        until(lambda: capture.ended)
    assert isinstance(capture.failure, OutputError)


def test_a_device_that_hangs(
    recording_file: RecordingFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorder that does not stop is neither awaited nor closed; its audio is kept."""
    left: list[bool] = []
    monkeypatch.setattr("stepcli.audio.recorder.abandon_driver", lambda: left.append(True))
    monkeypatch.setattr("stepcli.audio.recorder._STOP_SECONDS", 0.01)
    source = Source(2)
    with Capture(source, recording_file) as capture:
        assert source.stuck.wait(20)
        capture.abandon()
    assert str(capture.failure) == "the microphone the source stopped delivering audio"
    assert (left, recording_file.size) == ([True], 2 * len(BLOCK))
    source.let_go.set()
