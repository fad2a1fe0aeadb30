"""A recording that is recognized while it is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
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
from stepcli.audio.vad import VAD_PCM, Ended, TimeSpan
from stepcli.base_url import BaseURL
from stepcli.errors import AuthError, ContentError, NetworkError, OutOfCreditError, StepcliError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.transcription.dictation import Dictation, sender
from stepcli.tasks.transcription.interim import InterimRequests, InterimWords
from stepcli.tasks.transcription.recording_monitor import RecordingStatus
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.segment_recognizer import SegmentRecognizer
from stepcli.tasks.transcription.segment_requests import SegmentRequests
from tests.support.memory_microphone import MemoryMicrophone
from tests.support.raw_server import http, raw_server

RATE = VAD_PCM.rate


def ended(start: float) -> Ended:
    """Return the end of an utterance of one second."""
    return Ended(TimeSpan(start, start + 1), final=True)


def dictation(
    capture: Capture,
    recognize: Callable[[Segment], RecognitionResult],
    view: View,
    stop: Callable[[], None] = lambda: None,
) -> Dictation:
    """Return a dictation with one request at a time and no interim words."""
    send = sender(capture, recognize, AdaptiveLimit(1))
    interim = InterimRequests(send, 0.0)
    return Dictation(capture, SegmentRequests(send), interim, view, stop, lambda: None)


@dataclass
class View:
    """Counts what was shown."""

    notes: list[str] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)

    def show(self, status: RecordingStatus, words: InterimWords, pending: int) -> None: ...

    def wait(self, pending: int) -> None:
        self.waits.append(pending)

    def clear(self) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass
class Writer:
    starts: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, segments: Sequence[Segment], results: Sequence[RecognitionResult]) -> None:
        self.starts.append(segments[0].start)
        self.texts.append(" ".join(result.text for result in results))


@dataclass
class Live:
    """A live transcription of three utterances; `errors` are those of the recognition."""

    capture: Capture
    errors: dict[float, StepcliError]
    text: str = "text"
    view: View = field(default_factory=View)
    writer: Writer = field(default_factory=Writer)
    stops: int = 0
    recovers_at: float | None = None
    """The start of the utterance from which nothing fails any more."""
    failed: set[float] = field(default_factory=set)

    def run(self) -> Dictation:
        work = dictation(self.capture, self._recognize, self.view, self._stop)
        work.run(self._events(work), self.writer, lambda: None)
        return work

    def _events(self, work: Dictation) -> Iterator[Ended | None]:
        for start in (0.0, 1.0, 2.0):
            yield ended(start)
            while not self.stops and work.sent > self._settled(work):
                yield None

    def _settled(self, work: Dictation) -> int:
        """Return how many utterances are written, reported or held back."""
        held = self.failed - set(self.writer.starts) if self.recovers_at else set()
        return len(self.writer.starts) + len(work.errors) + len(held)

    def _recognize(self, segment: Segment) -> RecognitionResult:
        if segment.start == self.recovers_at:
            self.errors.clear()
        if segment.start in self.errors:
            self.failed.add(segment.start)
            raise self.errors[segment.start]
        return RecognitionResult(self.text)

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Capture]:
    """A recording of three seconds."""
    with Capture(
        MemoryMicrophone([bytes(6 * RATE)]), RecordingFile(tmp_path / "a.wav", VAD_PCM)
    ) as made:
        made.finish()
        yield made


def test_utterances_are_written_in_order(capture: Capture) -> None:
    live = Live(capture, {})
    assert live.run().sent == 3
    assert live.writer.starts == [0.0, 1.0, 2.0]
    assert live.view.waits == [0]


def test_segments_of_an_utterance_are_written_together(capture: Capture) -> None:
    """When the utterance has ended, with or without more speech."""
    writer = Writer()
    work = dictation(capture, lambda segment: RecognitionResult(f"{segment.start:g}"), View())
    first, second, third = (TimeSpan(start, start + 1) for start in (0.0, 1.0, 2.0))
    happens = [Ended(first, final=False), Ended(second, final=False), Ended(None, final=True)]
    work.run([*happens, Ended(third, final=True)], writer, lambda: None)
    assert writer.texts == ["0 1", "2"]


def test_long_utterance_is_written_at_the_end_of_a_segment(capture: Capture) -> None:
    writer = Writer()
    work = dictation(capture, lambda segment: RecognitionResult(f"{segment.start:g}"), View())
    spans = (TimeSpan(0.0, 1.0), TimeSpan(1.0, 40.0), TimeSpan(2.0, 41.0))
    work.run([Ended(span, final=span is spans[2]) for span in spans], writer, lambda: None)
    assert writer.texts == ["0 1", "2"]


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
        work = dictation(
            capture, lambda segment: recognizer.result(segment, lambda _: None), View()
        )
        work.run([ended(0.0)], writer, lambda: None)
    assert writer.texts == [text]
    assert work.has_text is bool(text)


def test_failed_utterance_does_not_end_the_recording(capture: Capture) -> None:
    """It is reported at once, and raised when the others are written."""
    live = Live(capture, {1.0: ContentError("refused")})
    with pytest.raises(ContentError, match="1 of 3 utterances are not transcribed: refused"):
        live.run()
    assert live.writer.starts == [0.0, 2.0]
    assert live.view.notes == ["1.0 to 2.0 s: refused"]
    assert live.stops == 0


def test_error_of_several_utterances_is_noted_once(capture: Capture) -> None:
    live = Live(capture, dict.fromkeys((0.0, 1.0, 2.0), ContentError("refused")))
    with pytest.raises(ContentError, match="3 of 3 utterances"):
        live.run()
    assert live.view.notes == ["0.0 to 1.0 s: refused"]


def test_outage_is_reported_once_and_loses_nothing(capture: Capture) -> None:
    """Utterances that failed are written in order when the service answers again."""
    live = Live(capture, {0.0: NetworkError("unreachable"), 1.0: NetworkError("unreachable")})
    live.recovers_at = 2.0
    live.run()
    assert live.writer.starts == [0.0, 1.0, 2.0]
    assert live.view.notes == ["unreachable; recording continues and is transcribed later"]


@pytest.mark.parametrize("error", [AuthError("no key"), OutOfCreditError("no credit")])
def test_error_that_all_others_would_meet_ends_the_recording(
    capture: Capture, error: StepcliError
) -> None:
    live = Live(capture, {0.0: error})
    with pytest.raises(type(error)):
        live.run()
    assert live.stops == 1
    assert live.writer.starts == []
