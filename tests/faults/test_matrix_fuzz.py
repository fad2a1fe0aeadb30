"""Any bytes, JSON and messages from the service: a result or a StepcliError.

``FUZZ_EXAMPLES=N`` runs N random examples of each property.
"""

from __future__ import annotations

import json
import os
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepcli.api import client, diagnostics, files, recognition, voices
from stepcli.api.client import Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.realtime import RealtimeProtocol, StreamRequest
from stepcli.api.recognition import RecognitionRequest, recognize
from stepcli.api.retry import LONGEST_WAIT, retry_after, retry_delay
from stepcli.api.service_errors import (
    SessionLost,
    error_for_realtime_event,
    error_for_status,
    parse_error_body,
)
from stepcli.api.speech import SpeechRequest, speak
from stepcli.api.strict_json import parsed
from stepcli.audio_types import PCM, Recording
from stepcli.base_url import BaseURL
from stepcli.cli.error_report import describe
from stepcli.cli.io.terminal import escaped, escaped_json
from stepcli.errors import StepcliError
from stepcli.redaction import redact, register_secret
from tests.support.fake_service import (
    answer_of,
    session_events,
    speech_events,
    sse,
    transcript_events,
)

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
KEY = "sk-fuzz-0123456789"
register_secret(KEY)
SERVICE = Endpoint(BaseURL.parse("https://service.example/step_plan/v1"), KEY, retries=0)
NAMES = (
    "type", "data", "delta", "text", "error", "message", "code", "audio", "usage", "meta", "id",
    "session_id", "start_time", "end_time", "duration", "voices", "voices-details", "has_more",
    "last_id", "file_id", "created_at", "sample_audio", "sample_text", "voice-name",
    "recommended_scene", "duplicated", "deleted", "param", "details",
)  # fmt: skip
KINDS = (
    "transcript.text.delta", "transcript.text.done", "error", "speech.audio.delta",
    "speech.audio.done", "speech.audio.error", "tts.connection.done", "tts.response.created",
    "tts.response.sentence.start", "tts.response.audio.delta", "tts.response.sentence.end",
    "tts.text.flushed", "tts.response.error", "tts.response.audio.done", "[DONE]",
    "censorship_block", "429", "AAAA", b64encode(b"\0\1\2\3").decode(), KEY,
)  # fmt: skip

TEXTS = st.sampled_from(KINDS) | st.text(st.characters(), max_size=20)
HALVES = st.sampled_from(["\ud800", "\udfff x", "\ude00\ud83d", "\x1b[2J\x9b\u202e\n", "\0"])
SCALARS = st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats() | TEXTS | HALVES
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | TEXTS, inner, max_size=6)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
GOOD = st.sampled_from(
    [*transcript_events(), *(one for one in speech_events(bytes(8)) if isinstance(one, dict))]
)
EVENTS = GOOD | st.builds(lambda one, other: {**one, **other}, GOOD, OBJECTS) | OBJECTS
LINES = st.one_of(
    EVENTS.map(lambda event: sse(event)),
    st.just(sse("[DONE]")),
    st.binary(max_size=40),
    st.sampled_from(
        [b"\n", b"\r", b"\r\n", b":\n", b"data", b"data:", b"retry: 9\n", b"\xef\xbb\xbf"]
    ),
    st.integers(1, 300).map(lambda deep: b"data: " + b"[" * deep + b"]" * deep + b"\n\n"),
)
STREAMS = st.lists(LINES, max_size=8).map(b"".join)


def examples(modest: int) -> Callable[[Any], Any]:
    """Return settings for fixed examples, or for the requested number of random ones."""
    if EXAMPLES:
        return settings(max_examples=EXAMPLES, derandomize=False, database=None, deadline=None,
                        suppress_health_check=list(HealthCheck))  # fmt: skip
    return settings(max_examples=modest, suppress_health_check=list(HealthCheck))


@contextmanager
def answering(*answers: httpx.Response) -> Iterator[Client]:
    """Return a client whose requests get these responses; the last one repeats."""
    waiting = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    fake = httpx.Client(transport=httpx.MockTransport(answer))
    with patch.object(client, "_http_client", lambda *_: fake), Client(SERVICE) as made:
        yield made


def split(data: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    """Return ``data`` in pieces."""
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return (data[start:end] for start, end in pairwise(edges))


def streamed(body: bytes, cuts: Sequence[int], kind: str = "text/event-stream") -> httpx.Response:
    return httpx.Response(200, headers={"content-type": kind}, content=split(body, cuts))


def reported(failure: StepcliError) -> None:
    """Check that the error can be printed and written as JSON without the key."""
    shown = [failure.message, failure.hint or "", failure.trace_id or ""]
    assert not any(KEY in redact(text) for text in shown), shown
    "".join(shown).encode()
    assert len(failure.message) < 1200
    json.loads(escaped_json(json.dumps(describe(failure)), sys.stderr.encoding))


def writable(value: Any) -> None:
    """Check that the value can be written as JSON in any encoding."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, default=str)
    text.encode()
    escaped(text)


def tolerated(work: Callable[[], Any]) -> Any:
    """Return the result of ``work``, or None if it raises an allowed error."""
    try:
        return work()
    except StepcliError as failure:
        reported(failure)
    return None


REQUEST = RecognitionRequest(Recording("pcm", 2, lambda: iter([b"\0\0"]), PCM(16000)), "en")


def transcript(answer: httpx.Response) -> list[Any]:
    with answering(answer) as asked, recognize(asked, REQUEST) as events:
        return list(events)


def sound(answer: httpx.Response) -> bytes:
    with answering(answer) as asked, speak(asked, SpeechRequest("Hi")) as blocks:
        return b"".join(blocks)


@examples(60)
@given(STREAMS, st.lists(st.integers(0, 10_000), max_size=30))
def test_any_recognition_stream_is_a_result_or_an_error(body: bytes, cuts: list[int]) -> None:
    for event in tolerated(lambda: transcript(streamed(body, cuts))) or ():
        match event:
            case recognition.TranscriptDelta(text, start, end):
                assert start is None or (end is not None and 0 <= start <= end)
                text.encode()
            case recognition.TranscriptDone(text, usage, session_id, trace_id):
                writable([text, dict(usage), session_id, trace_id])


@examples(40)
@given(STREAMS, st.lists(st.integers(0, 10_000), max_size=30))
def test_packet_boundaries_do_not_matter(body: bytes, cuts: list[int]) -> None:
    assert _outcome(streamed(body, [])) == _outcome(streamed(body, cuts))


def _outcome(answer: httpx.Response) -> Any:
    try:
        return transcript(answer)
    except StepcliError as failure:
        return failure.message


@examples(60)
@given(STREAMS, st.lists(st.integers(0, 10_000), max_size=30))
def test_any_speech_stream_is_audio_or_an_error(body: bytes, cuts: list[int]) -> None:
    tolerated(lambda: sound(streamed(body, cuts)))


ASKING: dict[str, Callable[[Client], Any]] = {
    "voices": lambda asked: list(voices.cloned_voices(asked)),
    "system_voices": voices.official_voices,
    "preview": lambda asked: voices.preview(asked, voices.VoiceReference("file-1"), "Hi"),
    "clone": lambda asked: voices.clone(asked, voices.VoiceReference("file-1")),
    "files": lambda asked: files.upload(asked, b"RIFF"),
    "delete": lambda asked: files.delete(asked, "file-1"),
    "models": diagnostics.check_key,
    "speech": lambda asked: sound_of(asked),
}


def sound_of(asked: Client) -> bytes:
    with speak(asked, SpeechRequest("Hi")) as blocks:
        return b"".join(blocks)


def like(endpoint: str) -> st.SearchStrategy[Any]:
    """Generate responses of an endpoint: valid, with fields of any type, or arbitrary."""
    good = {} if endpoint == "speech" else answer_of(endpoint)
    return OBJECTS.map(lambda other: {**good, **other}) | VALUES


@pytest.mark.parametrize("endpoint", ASKING)
@examples(25)
@given(st.data())
def test_any_json_response_is_a_result_or_an_error(endpoint: str, data: st.DataObject) -> None:
    value = data.draw(like(endpoint))
    status = data.draw(st.sampled_from([200, 200, 201, 204, 206, 400, 401, 404, 429, 451, 500]))
    body = json.dumps(value).encode()
    headers = {"content-type": "application/json", "x-trace-id": KEY, "retry-after": "0"}

    def work() -> Any:
        answer = httpx.Response(status, headers=headers, content=body)
        with answering(answer) as asked:
            return ASKING[endpoint](asked)

    found = tolerated(work)
    for one in found if isinstance(found, list) else [found]:
        str(one).encode()


@examples(100)
@given(st.sampled_from([200, 400, 500]), st.binary(max_size=300), st.sampled_from(sorted(ASKING)))
def test_any_response_bytes_are_a_result_or_an_error(
    status: int, body: bytes, endpoint: str
) -> None:
    headers = {"content-type": "application/json"}

    def work() -> Any:
        with answering(httpx.Response(status, headers=headers, content=body)) as asked:
            return ASKING[endpoint](asked)

    tolerated(work)


@examples(150)
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_that_is_read_can_be_written(value: Any) -> None:
    """No lone surrogates and no invalid numbers."""
    read = parsed(json.dumps(value))
    writable(read)
    assert parsed(json.dumps(value).encode()) == read


@examples(100)
@given(st.binary(max_size=60) | st.integers(60, 3000).map(lambda deep: b"[" * deep + b"]" * deep))
def test_invalid_json_raises_only_value_error(data: bytes) -> None:
    with suppress(ValueError):
        writable(parsed(data))


MESSAGES = st.builds(
    lambda event, data, other: {**event, "data": {**event["data"], **data}, **other},
    st.sampled_from(session_events()),
    OBJECTS,
    st.just({}) | OBJECTS,
)


@examples(150)
@given(
    st.lists(
        MESSAGES.map(json.dumps) | OBJECTS.map(json.dumps) | st.binary(max_size=40), max_size=10
    )
)
def test_any_realtime_message_is_events_or_an_error(frames: list[str | bytes]) -> None:
    dialogue = RealtimeProtocol(StreamRequest(SpeechRequest("")))
    for frame in frames:
        event = tolerated(lambda frame=frame: dialogue.receive(frame))  # type: ignore[misc]
        str(event).encode()
        if (complaint := getattr(event, "complaint", None)) is not None:
            failure = error_for_realtime_event(complaint, dialogue.session_id, SERVICE)
            reported(failure.failure if isinstance(failure, SessionLost) else failure)


@examples(150)
@given(st.integers(300, 999), st.text(max_size=200) | VALUES.map(json.dumps))
def test_any_error_body_becomes_a_sentence(status: int, body: str) -> None:
    reported(error_for_status(status, parse_error_body(body), SERVICE.plan))


DATES = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Wed", "x", ""]),
    st.integers(-1, 10**12),
    st.sampled_from(["Oct", "Feb", "13"]),
    st.integers(-1, 10**25),
    st.integers(-1, 99),
    st.integers(-1, 99),
    st.integers(-1, 99),
    st.sampled_from(["GMT", "", "+9999", "-99999999999", "+0000"]),
)


@examples(150)
@given(DATES | st.text(max_size=30) | st.floats().map(str) | st.integers().map(str))
def test_any_retry_after_becomes_seconds(header: str) -> None:
    assert 0 <= (retry_delay(1, retry_after(header)) or 0) <= LONGEST_WAIT
    skew = diagnostics._skew(header)
    assert skew is None or abs(skew) < 1e12
