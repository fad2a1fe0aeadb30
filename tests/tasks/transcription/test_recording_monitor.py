"""A recording that is examined while it grows."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stepcli.audio.recorder import Capture
from stepcli.audio.recording_file import RecordingFile
from stepcli.audio.vad import CHUNK, VAD_PCM, Ended, Paused, TimeSpan, UtteranceDetector
from stepcli.tasks.transcription.recording_monitor import (
    RecordingEvent,
    RecordingMonitor,
    RecordingStatus,
    until_final,
)
from tests.support.memory_microphone import MemoryMicrophone

SPEECH, SILENCE = struct.pack("<h", 9000), bytes(2)


class LoudIsSpeech:
    """Considers every chunk speech that is not silent."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, samples: bytes) -> Iterator[float]:
        self._rest += samples
        while len(self._rest) >= 2 * CHUNK:
            chunk, self._rest = self._rest[: 2 * CHUNK], self._rest[2 * CHUNK :]
            yield float(any(chunk))


def sound(*parts: tuple[bytes, float]) -> list[bytes]:
    """Return blocks of samples, each for so many seconds."""
    return [sample * round(seconds * VAD_PCM.rate) for sample, seconds in parts]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Callable[[list[bytes]], Capture]]:
    captures = []

    def start(blocks: list[bytes]) -> Capture:
        capture = Capture(MemoryMicrophone(blocks), RecordingFile(tmp_path / "a.wav", VAD_PCM))
        captures.append(capture)
        return capture.__enter__()

    yield start
    for capture in captures:
        capture.__exit__(None, None, None)


Record = Callable[[list[bytes]], Capture]


def monitor(capture: Capture, silence: float = 1.0) -> list[RecordingEvent]:
    model = LoudIsSpeech()
    events = RecordingMonitor(capture, model, UtteranceDetector(silence, 0.5), lambda: False)  # type: ignore[arg-type] # has all that is used
    return [event for event in events if event]


def test_utterances_end_at_pauses_and_at_the_end(record: Record) -> None:
    capture = record(sound((SILENCE, 1), (SPEECH, 1), (SILENCE, 2), (SPEECH, 1)))
    spans = [event.span for event in monitor(capture) if isinstance(event, Ended) and event.span]
    assert [span.start for span in spans] == pytest.approx([0.5, 3.5], abs=0.1)
    assert [span.end for span in spans] == pytest.approx([2.4, 5.0], abs=0.1)


def test_status_reports_a_microphone_that_delivers_only_zeros(record: Record) -> None:
    capture = record(sound((SILENCE, 2.5), (SPEECH, 0.5)))
    states = [event for event in monitor(capture) if isinstance(event, RecordingStatus)]
    silent = [state for state in states if state.silent]
    assert silent
    assert min(state.seconds for state in silent) >= 2.0
    assert not states[-1].silent
    assert states[-1].speaking
    assert states[-1].level > states[0].level


def test_events_end_with_the_first_utterance() -> None:
    span = TimeSpan(0.0, 1.0)
    happened = [Paused(span), None, Ended(span, final=False), Ended(None, final=True)]
    assert list(until_final([*happened, Paused(span)])) == happened
