"""A recording that is examined and recognized while it grows."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from stepcli.api.client import Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.recognition import RecognitionRequest, recognize
from stepcli.audio.recorder import Capture
from stepcli.audio.recording_file import RecordingFile
from stepcli.audio.segments import Segment
from stepcli.audio.vad import CHUNK, VAD_PCM, TimeSpan, UtteranceDetector
from stepcli.base_url import BaseURL
from stepcli.errors import AuthError, NetworkError, OutOfCreditError, StepcliError
from stepcli.tasks.transcription.dictation import (
    LiveTranscription,
    RecordingMonitor,
    RecordingStatus,
    segment_of,
    spoken_segments,
)
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.segment_recognizer import SegmentRecognizer
from tests.support.raw_server import http, raw_server

SPEECH, SILENCE = struct.pack("<h", 9000), bytes(2)


class Source:
    """A microphone that delivers `blocks` and ends."""

    device = "test"
    overflows = 0

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks

    def __enter__(self) -> Iterable[bytes]:
        return self._blocks

    def __exit__(self, *_: object) -> None: ...


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
        capture = Capture(Source(blocks), RecordingFile(tmp_path / "a.wav", VAD_PCM))
        captures.append(capture)
        return capture.__enter__()

    yield start
    for capture in captures:
        capture.__exit__(None, None, None)


Record = Callable[[list[bytes]], Capture]


def monitor(capture: Capture, silence: float = 1.0) -> list[RecordingStatus | TimeSpan]:
    model = LoudIsSpeech()
    events = RecordingMonitor(capture, model, UtteranceDetector(silence, 0.5), lambda: False)  # type: ignore[arg-type] # has all that is used
    return [event for event in events if event]


def test_utterances_end_at_pauses_and_at_the_end(record: Record) -> None:
    capture = record(sound((SILENCE, 1), (SPEECH, 1), (SILENCE, 2), (SPEECH, 1)))
    spans = [event for event in monitor(capture) if isinstance(event, TimeSpan)]
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


def test_segment_is_the_span_of_the_recording(record: Record) -> None:
    capture = record(sound((SILENCE, 1), (SPEECH, 1)))
    monitor(capture)
    segment = segment_of(capture, TimeSpan(1.0, 9.0))
    assert (segment.start, segment.end) == (1.0, 2.0)
    assert b"".join(segment.recording.open()) == SPEECH * VAD_PCM.rate


@pytest.mark.parametrize(
    ("quiet", "start", "end"), [(2.0, 0.0, 5.0), (8.0, 8.0, 9.0)], ids=["short", "long"]
)
def test_only_long_silence_around_the_words_is_left_out(
    record: Record, quiet: float, start: float, end: float
) -> None:
    capture = record(sound((SILENCE, quiet), (SPEECH, 1), (SILENCE, quiet)))
    monitor(capture)
    capture.finish()
    seconds, segments = spoken_segments(capture, TimeSpan(quiet, quiet + 1), 60.0)
    (segment,) = segments
    assert (segment.start, segment.end, seconds) == (start, end, end)


@dataclass
class View:
    """Counts what was shown."""

    notes: list[str] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)

    def show(self, status: RecordingStatus, pending: int = 0) -> None: ...

    def wait(self, pending: int) -> None:
        self.waits.append(pending)

    def clear(self) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass
class Writer:
    starts: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, segment: Segment, result: RecognitionResult) -> None:
        self.starts.append(segment.start)
        self.texts.append(result.text)


@dataclass
class Live:
    """A live transcription of three utterances; `errors` are those of the recognition."""

    capture: Capture
    errors: dict[float, StepcliError]
    text: str = "text"
    view: View = field(default_factory=View)
    writer: Writer = field(default_factory=Writer)
    stops: int = 0

    def run(self) -> LiveTranscription:
        work = LiveTranscription(
            self.capture, self._recognize, 1, self.view, self._stop, lambda: None
        )
        work.run(self._spans(work), self.writer, lambda: None)
        return work

    def _spans(self, work: LiveTranscription) -> Iterator[TimeSpan | None]:
        for start in (0.0, 1.0, 2.0):
            yield TimeSpan(start, start + 1)
            while not self.stops and work.sent > len(self.writer.starts) + len(work.errors):
                yield None

    def _recognize(self, segment: Segment) -> RecognitionResult:
        if segment.start in self.errors:
            raise self.errors[segment.start]
        return RecognitionResult(self.text)

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def capture(record: Record) -> Capture:
    made = record(sound((SPEECH, 3)))
    monitor(made)
    return made


def test_utterances_are_written_in_order(capture: Capture) -> None:
    live = Live(capture, {})
    assert live.run().sent == 3
    assert live.writer.starts == [0.0, 1.0, 2.0]
    assert live.view.waits == [0]


@pytest.mark.parametrize("text", ["text", " "])
def test_recording_without_any_words_is_known(capture: Capture, text: str) -> None:
    live = Live(capture, {}, text)
    assert live.run().has_text is bool(text.strip())


@pytest.mark.parametrize(
    ("events", "text"),
    [
        (
            [
                {"type": "transcript.text.delta", "delta": "hello", "end_time": 300},
                {"type": "transcript.text.delta", "delta": " there"},
                {"type": "transcript.text.done", "text": ""},
            ],
            "hello there",
        ),
        ([{"type": "error", "message": "no speech detected"}], ""),
    ],
    ids=["deltas", "silence"],
)
def test_utterance_has_the_text_of_its_deltas(
    capture: Capture, events: list[dict[str, object]], text: str
) -> None:
    """Where the final text is empty; none where there is no speech."""
    body = b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)
    answer = http(body, kind="text/event-stream")
    with (
        raw_server(answer) as server,
        Client(Endpoint(BaseURL.parse(server.base), "live-test-key", timeout=20)) as client,
    ):
        recognizer = SegmentRecognizer(
            lambda recording: RecognitionRequest(recording, None), partial(recognize, client)
        )
        writer = Writer()
        work = LiveTranscription(
            capture,
            lambda segment: recognizer.result(segment, lambda _: None),
            1,
            View(),
            lambda: None,
            lambda: None,
        )
        work.run([TimeSpan(0.0, 1.0)], writer, lambda: None)
    assert writer.texts == [text]
    assert work.has_text is bool(text)


def test_failed_utterance_does_not_end_the_recording(capture: Capture) -> None:
    """It is reported at once, and raised when the others are written."""
    live = Live(capture, {1.0: NetworkError("refused")})
    with pytest.raises(NetworkError, match="refused"):
        live.run()
    assert live.writer.starts == [0.0, 2.0]
    assert live.view.notes == ["1.0 to 2.0 s: refused"]
    assert live.stops == 0


@pytest.mark.parametrize("error", [AuthError("no key"), OutOfCreditError("no credit")])
def test_error_that_all_others_would_meet_ends_the_recording(
    capture: Capture, error: StepcliError
) -> None:
    live = Live(capture, {0.0: error})
    with pytest.raises(type(error)):
        live.run()
    assert live.stops == 1
    assert live.writer.starts == []
