"""What recognition sends and what it makes of every event, however odd."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.api.client import Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.recognition import (
    RecognitionRequest,
    TranscriptDelta,
    TranscriptDone,
    read_event,
    recognize,
)
from stepcli.audio_types import PCM, Recording
from stepcli.base_url import BaseURL
from stepcli.errors import ContentError, NetworkError, QuotaError, StepcliError, UsageError
from tests.support.raw_server import RawServer, Request, http, in_turn, raw_server

EVENTS = "text/event-stream"
SOUND = bytes(range(256)) * 1000


def _recording(size: int = len(SOUND), pcm: PCM | None = None) -> Recording:
    blocks = [SOUND[i : i + 1001] for i in range(0, len(SOUND), 1001)]
    return Recording("pcm" if pcm else "wav", size, lambda: iter(blocks), pcm)


def _delta(text: str, **more: object) -> str:
    return json.dumps({"type": "transcript.text.delta", "delta": text, **more}, ensure_ascii=False)


def _done(text: str, **more: object) -> str:
    return json.dumps({"type": "transcript.text.done", "text": text, **more}, ensure_ascii=False)


def _heard(
    packets: list[bytes], recording: Recording | None = None
) -> tuple[list[TranscriptDelta | TranscriptDone], RawServer]:
    """What comes of an answer whose body arrives in ``packets``."""

    def answer(connection: socket.socket, _: Request) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = sum(map(len, packets))
        connection.sendall(http(b"", kind="text/event-stream", length=size))
        for packet in packets:
            connection.sendall(packet)

    with (
        raw_server(answer) as server,
        Client(Endpoint(BaseURL.parse(server.base), "k", timeout=20)) as client,
    ):
        request = RecognitionRequest(recording or _recording(), "en", hotwords=("Aïda",))
        with recognize(client, request) as events:
            return list(events), server


def _texts(events: list[TranscriptDelta | TranscriptDone]) -> list[str]:
    return [event.text for event in events]


def test_request() -> None:
    """The sound's very bytes and every choice, in one JSON object of the announced length."""
    _, server = _heard([f"data: {_done('x')}\n\n".encode()])
    request = server.requests[0]
    assert request.headers["content-length"] == str(len(request.body))
    sent = request.json["audio"]
    assert base64.b64decode(sent["data"], validate=True) == SOUND
    assert sent["input"] == {
        "transcription": {
            "model": "stepaudio-2.5-asr",
            "language": "en",
            "hotwords": ["Aïda"],
            "enable_itn": True,
            "enable_timestamp": True,
        },
        "format": {"type": "wav"},
    }


def test_request_of_samples() -> None:
    """Bare samples are described in full."""
    _, server = _heard([f"data: {_done('x')}\n\n".encode()], _recording(pcm=PCM(8000, 2)))
    sent = server.requests[0].json
    assert sent["audio"]["input"]["format"] == {
        "type": "pcm", "codec": "pcm_s16le", "rate": 8000, "bits": 16, "channel": 2,
    }  # fmt: skip


def test_sound_that_shrinks() -> None:
    """A file that changes while it is sent is the user's to know of."""
    with pytest.raises(UsageError, match="changed"):
        _heard([], _recording(size=len(SOUND) + 1))


WHOLE = (
    f"data: {_delta('One ')}\n\ndata: {_delta('two.')}\n\ndata: {_done('One two.')}\n\n".encode()
)
STREAMS = {
    "two events in one packet": [WHOLE],
    "one event in many packets": [WHOLE[i : i + 1] for i in range(len(WHOLE))],
    "carriage returns": [WHOLE.replace(b"\n", b"\r\n")],
    "carriage return alone": [WHOLE.replace(b"\n", b"\r")],
    "split between CR and LF": [WHOLE.replace(b"\n", b"\r"), b"\n"],
    "byte order mark": [b"\xef\xbb\xbf" + WHOLE],
    "split byte order mark": [b"\xef", b"\xbb", b"\xbf" + WHOLE],
    "comments": [b": hello\n\n" + WHOLE.replace(b"\n\n", b"\n: still here\n\n")],
    "names and ids": [WHOLE.replace(b"data:", b"event: message\nid: 7\nretry: 10\ndata:")],
    "data in two lines": [WHOLE.replace(b'", "', b'",\ndata: "')],
    "no space after the colon": [WHOLE.replace(b"data: ", b"data:")],
    "unknown events": [b'data: {"type": "ping"}\n\ndata: {}\n\n' + WHOLE],
    "empty events": [b"data:\n\n\n\nevent: x\n\n" + WHOLE],
    "an end mark": [WHOLE + b"data: [DONE]\n\n"],
    "more after the end": [WHOLE + b"data: nonsense\n\n"],
    "an error that is none": [WHOLE.replace(b'"type"', b'"error": null, "type"')],
}


@pytest.mark.parametrize("packets", STREAMS.values(), ids=STREAMS)
def test_streams(packets: list[bytes]) -> None:
    """However the events arrive, they are the same."""
    assert _texts(_heard(packets)[0]) == ["One ", "two.", "One two."]


def test_line_separators_in_text() -> None:
    """U+2028, U+2029 and U+0085 are characters of a text, not ends of a line."""
    odd = "one\u2028two\u2029three\x85four\x0bfive"
    assert _texts(_heard([f"data: {_done(odd)}\n\n".encode()])[0]) == [odd]


def test_character_between_packets() -> None:
    """A character's bytes may come in two packets."""
    data = f"data: {_done('你好 😀')}\n\n".encode()
    for place in range(len(data)):
        if data[place] >= 0x80:
            assert _texts(_heard([data[:place], data[place:]])[0]) == ["你好 😀"]


def test_event_of_a_megabyte() -> None:
    text = "word " * 200_000
    assert _texts(_heard([f"data: {_done(text)}\n\n".encode()])[0]) == [text]


def test_half_a_character_in_json() -> None:
    """What no file could hold becomes the sign for a lost character."""
    (done,) = _heard([b'data: {"type": "transcript.text.done", "text": "a\\ud83d b"}\n\n'])[0]
    assert done.text == "a\ufffd b"


def test_handles_for_support() -> None:
    """The session is known from any event that tells it."""
    session = {"session_id": "s-1"}
    events = [f"data: {_delta('a', meta=session)}\n\n", f"data: {_done('a')}\n\n"]
    *_, done = _heard(["".join(events).encode()])[0]
    assert isinstance(done, TranscriptDone)
    assert done.session_id == "s-1"


def _failure(packets: list[bytes]) -> StepcliError:
    with pytest.raises(StepcliError) as caught:
        _heard(packets)
    return caught.value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "before it was done"),
        (f"data: {_delta('a')}\n\n".encode(), "before it was done"),
        (f"data: {_done('a')}\n".encode(), "before it was done"),
        (b"data: [DONE]\n\n", "before it was done"),
        (b"data: {broken\n\n", "not JSON"),
        (b"data: [1]\n\n", "not JSON"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "not JSON"),
        (b'data: {"type": "error", "message": "too noisy"}\n\n', "too noisy"),
        (b'data: {"type": "error"}\n\n', "no reason given"),
        (b'data: {"type": "error", "message": {"a": 1}}\n\n', "no reason given"),
        (b'data: {"error": {"message": "inner"}}\n\n', "inner"),
        (b'data: {"error": "bare"}\n\n', "bare"),
    ],
)
def test_failures(body: bytes, said: str) -> None:
    """A stream without its end is a failure, and an error says what the service said."""
    failure = _failure([body])
    assert isinstance(failure, NetworkError)
    assert said in failure.message


SILENT = '{"message": "no speech found"}'


@pytest.mark.parametrize(
    "answer",
    [
        http(b'data: {"type": "error", "message": "No speech found."}\n\n', kind=EVENTS),
        http(b'data: {"error": {"message": "no speech detected"}}\n\n', kind=EVENTS),
        http(f'{{"error": {SILENT}}}'.encode(), kind="application/json"),
        http(f'{{"error": {SILENT}}}'.encode(), kind="application/json", status="400 Bad Request"),
        http(b"no speech was detected", kind="text/plain", status="422 Unprocessable Content"),
        http(SILENT.encode(), kind="application/json", status="500 Internal Server Error"),
    ],
    ids=["event", "object", "body", "status", "text", "500"],
)
def test_silence_is_an_empty_text_however_it_is_reported(answer: bytes) -> None:
    """With a single request."""
    with (
        raw_server(answer) as server,
        Client(Endpoint(BaseURL.parse(server.base), "k", timeout=20)) as client,
        recognize(client, RecognitionRequest(_recording(), "en")) as events,
    ):
        assert _texts(list(events)) == [""]
    assert len(server.requests) == 1


def test_words_before_a_report_of_silence_are_the_text() -> None:
    body = f'data: {_delta("a")}\n\ndata: {{"type": "error", "message": "no speech found"}}\n\n'
    assert _texts(_heard([body.encode()])[0]) == ["a", "a"]


@pytest.mark.parametrize("final", ["", " ", "\n"])
@pytest.mark.parametrize("times", [{}, {"start_time": 0, "end_time": 400}])
def test_deltas_are_the_text_if_the_final_text_is_blank(
    final: str, times: dict[str, object]
) -> None:
    lines = (_delta("a", **times), _delta(" b", **times), _done(final))
    events, _ = _heard([f"data: {one}\n\n".encode() for one in lines])
    assert _texts(events) == ["a", " b", "a b"]


def test_error_in_the_middle() -> None:
    """An error after words is an error with the id of its session."""
    body = f"data: {_delta('a', meta={'session_id': 's-2'})}\n\n".encode()
    failure = _failure([body + b'data: {"type": "error", "message": "gone"}\n\n'])
    assert failure.trace_id == "s-2"


def test_moderation() -> None:
    """Refused content is of its own kind."""
    body = b'data: {"type": "error", "message": "no", "code": "censorship_block"}\n\n'
    assert isinstance(_failure([body]), ContentError)


BUSY = b'data: {"type": "error", "code": "429", "message": "slow down"}\n\n'


class TestRefusalByEvent:
    """A 429 that arrives as an event."""

    @pytest.fixture(autouse=True)
    def _no_backoff(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("stepcli.api.retry._FIRST_BACKOFF", 0.0)

    def test_request_is_repeated(self) -> None:
        answers = [http(body, kind=EVENTS) for body in (BUSY, BUSY, WHOLE)]
        with raw_server(in_turn(*answers)) as server:
            assert _texts(self._recognized(server)) == ["One ", "two.", "One two."]
        assert len(server.requests) == 3

    def test_it_is_raised_after_the_retries(self) -> None:
        with raw_server(http(BUSY, kind=EVENTS)) as server, pytest.raises(QuotaError):
            self._recognized(server, retries=2)
        assert len(server.requests) == 3

    @pytest.mark.parametrize(
        "body",
        [
            f"data: {_delta('a')}\n\n".encode() + BUSY,
            b'data: {"type": "error", "code": "quota_exceeded"}\n\n',
        ],
        ids=["after words", "no credit"],
    )
    def test_refusal_that_a_repetition_would_not_repair_is_raised_at_once(
        self, body: bytes
    ) -> None:
        with raw_server(http(body, kind=EVENTS)) as server, pytest.raises(QuotaError):
            self._recognized(server)
        assert len(server.requests) == 1

    def _recognized(
        self, server: RawServer, retries: int = 3
    ) -> list[TranscriptDelta | TranscriptDone]:
        endpoint = Endpoint(BaseURL.parse(server.base), "k", timeout=20, retries=retries)
        with (
            Client(endpoint) as client,
            recognize(client, RecognitionRequest(_recording(), "en")) as events,
        ):
            return list(events)


def test_times() -> None:
    """Milliseconds become seconds; zero to zero means that there are no times."""
    reported = {"type": "transcript.text.delta", "delta": "a"}
    assert read_event({**reported, "start_time": 1500, "end_time": 2000}) == TranscriptDelta(
        "a", 1.5, 2.0
    )
    assert read_event({**reported, "start_time": 0, "end_time": 0}) == TranscriptDelta("a")
    assert read_event({**reported, "start_time": 900, "end_time": 400}) == TranscriptDelta(
        "a", 0.9, 0.9
    )
    assert read_event({**reported, "start_time": None, "end_time": 400}) == TranscriptDelta("a")


ANYTHING: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KINDS = st.sampled_from(["transcript.text.delta", "transcript.text.done", "other"])
FIELDS = ("delta", "text", "start_time", "end_time", "usage", "meta", "item_id")


@given(KINDS | ANYTHING, st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANYTHING)))
def test_any_types(kind: object, fields: dict[str, object]) -> None:
    """No field of any type brings this program down, and what comes out can be written."""
    read = read_event({"type": kind, **fields})
    if isinstance(read, TranscriptDelta):
        assert (read.start is None) == (read.end is None)
        assert read.start is None or 0 <= read.start <= (read.end or 0)
    if read:
        read.text.encode()


def _blocks() -> Iterator[bytes]:
    yield from (b"a", b"", b"bc", b"defg" * 100_000)


def test_any_blocks() -> None:
    """Blocks of any size make the same base64."""
    sound = b"".join(_blocks())
    recording = Recording("mp3", len(sound), _blocks)
    _, server = _heard([f"data: {_done('x')}\n\n".encode()], recording)
    sent = server.requests[0].json
    assert base64.b64decode(sent["audio"]["data"], validate=True) == sound


def test_done_without_text() -> None:
    """The deltas are the text if the last event does not repeat it."""
    reported = json.dumps({"type": "transcript.text.done", "text": None})
    events, _ = _heard(
        [f"data: {one}\n\n".encode() for one in (_delta("a"), _delta("b"), reported)]
    )
    assert _texts(events) == ["a", "b", "ab"]
