"""The realtime dialogue without a socket: what is sent when, and what comes back means."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.api.realtime import (
    LONGEST_DELTA,
    AudioReceived,
    Connected,
    Created,
    Flushed,
    Mode,
    RealtimeProtocol,
    SentenceEnded,
    SentenceStarted,
    SessionFailed,
    SessionFinished,
    StreamRequest,
    WireFormat,
    WordTimesReceived,
    url_of,
)
from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.base_url import BaseURL
from stepcli.errors import NetworkError

PLAIN = StreamRequest(SpeechRequest(text=""))


def frame(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "event_id": "e", "data": {"session_id": "s-1", **data}})


def base64(data: bytes) -> str:
    return b64encode(data).decode()


@pytest.fixture
def dialogue() -> RealtimeProtocol:
    """A session that has been created."""
    dialogue = RealtimeProtocol(PLAIN)
    dialogue.receive(frame("tts.connection.done"))
    dialogue.create()
    dialogue.receive(frame("tts.response.created"))
    return dialogue


def test_create_says_who_speaks_and_how() -> None:
    """The service's own names, and no field that was not asked for."""
    speech = SpeechRequest(
        text="", voice="lively-girl", sample_rate=8000, speed=1.5, volume=0.5,
        instruction="softly", pronunciations=("LOL/laugh",), markdown=True,
    )  # fmt: skip
    dialogue = RealtimeProtocol(StreamRequest(speech, Mode.SENTENCE, WireFormat.OPUS))
    assert dialogue.receive(frame("tts.connection.done")) == Connected()
    assert json.loads(dialogue.create()) == {
        "type": "tts.create",
        "data": {
            "session_id": "s-1",
            "voice_id": "lively-girl",
            "response_format": "opus_stream",
            "mode": "sentence",
            "sample_rate": 8000,
            "speed_ratio": 1.5,
            "volume_ratio": 0.5,
            "instruction": "softly",
            "pronunciation_map": {"tone": ["LOL/laugh"]},
            "markdown_filter": True,
        },
    }


def test_word_times_name_their_sentence(dialogue: RealtimeProtocol) -> None:
    items = [{"text": "Hi.", "start_time": 1500, "end_time": 2000}]
    subtitle = frame("tts.response.subtitle", text="Hi.", request_id="s-1-tts.7", items=items)
    assert dialogue.receive(subtitle) == WordTimesReceived(
        SpokenSentence("Hi.", (SpokenItem("Hi.", 1.5, 2.0),), "s-1-tts.7")
    )
    ended = frame("tts.response.sentence.end", text="Hi.", request_id="s-1-tts.7")
    assert dialogue.receive(ended) == SentenceEnded("Hi.", "s-1-tts.7")


def test_a_plain_create_leaves_the_rest_to_the_service() -> None:
    dialogue = RealtimeProtocol(PLAIN)
    dialogue.receive(frame("tts.connection.done"))
    data = json.loads(dialogue.create())["data"]
    assert set(data) == {"session_id", "voice_id", "response_format", "mode"}


def test_text_flush_and_done_carry_the_session(dialogue: RealtimeProtocol) -> None:
    sent = [json.loads(one) for one in (dialogue.text("你好"), dialogue.flush(), dialogue.done())]
    assert [one["type"] for one in sent] == ["tts.text.delta", "tts.text.flush", "tts.text.done"]
    assert sent[0]["data"] == {"session_id": "s-1", "text": "你好"}
    assert sent[1]["data"] == sent[2]["data"] == {"session_id": "s-1"}


def test_nothing_is_sent_before_the_session_is_created() -> None:
    dialogue = RealtimeProtocol(PLAIN)
    for early in (partial(dialogue.text, "x"), dialogue.flush, dialogue.done):
        with pytest.raises(RuntimeError):
            early()
    dialogue.create()
    with pytest.raises(RuntimeError):
        dialogue.create()
    with pytest.raises(RuntimeError):
        dialogue.text("x")


def test_nothing_is_sent_after_done(dialogue: RealtimeProtocol) -> None:
    dialogue.done()
    for late in (partial(dialogue.text, "x"), dialogue.flush, dialogue.done, dialogue.create):
        with pytest.raises(RuntimeError):
            late()


@pytest.mark.parametrize("size", [0, LONGEST_DELTA + 1])
def test_a_delta_has_one_to_a_thousand_characters(dialogue: RealtimeProtocol, size: int) -> None:
    with pytest.raises(ValueError, match="a delta has"):
        dialogue.text("x" * size)


def test_what_the_service_says(dialogue: RealtimeProtocol) -> None:
    """Every documented event, in the order of a sentence."""
    heard = [
        dialogue.receive(frame("tts.text.flushed")),
        dialogue.receive(frame("tts.response.sentence.start", text="Hi.", started_at=0)),
        dialogue.receive(frame("tts.response.audio.delta", status="x", audio=base64(b"ab"))),
        dialogue.receive(frame("tts.response.sentence.end", text="Hi.", ended_at=9)),
        dialogue.receive(frame("tts.response.audio.done", audio="")),
    ]
    assert heard == [
        Flushed(),
        SentenceStarted("Hi."),
        AudioReceived(b"ab"),
        SentenceEnded("Hi."),
        SessionFinished(b""),
    ]


def test_the_last_event_may_hold_everything(dialogue: RealtimeProtocol) -> None:
    assert dialogue.receive(
        frame("tts.response.audio.done", audio=base64(b"ab"))
    ) == SessionFinished(b"ab")


def test_the_last_event_repeats_nothing(dialogue: RealtimeProtocol) -> None:
    """Where deltas came, a whole in the last event is the same sound again."""
    dialogue.receive(frame("tts.response.audio.delta", audio=base64(b"ab")))
    last = dialogue.receive(frame("tts.response.audio.done", audio=base64(b"ab")))
    assert last == SessionFinished(b"")


def test_an_error_event_is_told_with_its_words(dialogue: RealtimeProtocol) -> None:
    event = dialogue.receive(frame("tts.response.error", code="503", message="busy", details={}))
    assert isinstance(event, SessionFailed)
    assert event.complaint.message == "busy"
    assert event.complaint.kinds == {"503"}


@pytest.mark.parametrize(
    "message",
    [
        frame("tts.response.audio.paused"),
        json.dumps({"type": 7}),
        json.dumps({}),
        json.dumps({"type": "tts.response.audio.delta", "data": []}),
        frame("tts.response.audio.delta", audio=7),
        frame("tts.response.created"),
    ],
)
def test_what_it_does_not_know_it_ignores(dialogue: RealtimeProtocol, message: str) -> None:
    assert dialogue.receive(message) is None


@pytest.mark.parametrize("text", [None, True, ["x"], {}])
def test_a_text_of_the_wrong_type_is_no_text(dialogue: RealtimeProtocol, text: object) -> None:
    assert dialogue.receive(frame("tts.response.sentence.end", text=text)) == SentenceEnded("")


@pytest.mark.parametrize("message", ["", "[]", "{", "null", b"\xff\x00", "[" * 100_000])
def test_garbage_is_a_failure(dialogue: RealtimeProtocol, message: str | bytes) -> None:
    with pytest.raises(NetworkError, match="not JSON"):
        dialogue.receive(message)


def test_sound_that_is_no_base64_is_a_failure(dialogue: RealtimeProtocol) -> None:
    with pytest.raises(NetworkError, match="base64"):
        dialogue.receive(frame("tts.response.audio.delta", audio="!!"))


def test_the_session_is_known_by_whatever_place_names_it() -> None:
    dialogue = RealtimeProtocol(PLAIN)
    dialogue.receive(json.dumps({"type": "tts.connection.done", "session_id": "top"}))
    assert dialogue.session_id == "top"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KINDS = (
    "connection.done",
    "response.created",
    "response.sentence.start",
    "response.sentence.end",
    "response.audio.delta",
    "response.audio.done",
    "response.error",
    "text.flushed",
)


@given(kind=st.sampled_from(KINDS), data=JSON)
def test_no_shape_of_data_is_a_surprise(kind: str, data: object) -> None:
    """Whatever a known event carries, it is understood, ignored or called nonsense."""
    with suppress(NetworkError):
        RealtimeProtocol(PLAIN).receive(json.dumps({"type": f"tts.{kind}", "data": data}))


def test_created_counts_once(dialogue: RealtimeProtocol) -> None:
    assert dialogue.receive(frame("tts.response.created")) is None
    fresh = RealtimeProtocol(PLAIN)
    fresh.create()
    assert fresh.receive(frame("tts.response.created")) == Created()


@pytest.mark.parametrize(
    ("plan", "url"),
    [
        ("https://api.stepfun.ai/step_plan/v1", "wss://api.stepfun.ai/step_plan/v1"),
        ("http://127.0.0.1:8000/step_plan/v1", "ws://127.0.0.1:8000/step_plan/v1"),
    ],
)
def test_the_address_is_the_plan_bases(plan: str, url: str) -> None:
    assert url_of(BaseURL.parse(plan), "m&n") == f"{url}/realtime/audio?model=m%26n"
