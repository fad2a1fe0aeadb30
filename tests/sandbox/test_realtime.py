"""The realtime WebSocket, on the wire."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import threading
from base64 import b64decode
from dataclasses import replace
from typing import Any

import httpx
import pytest
import soundfile
from websockets.exceptions import ConnectionClosedOK

from tests.sandbox.running import Running, Talk, running

TEXT = "Hello there. How are you? I am fine"


def spoken(messages: list[dict[str, Any]]) -> list[bytes]:
    """The sound of each delta."""
    deltas = [each["data"] for each in messages if each["type"] == "tts.response.audio.delta"]
    return [b64decode(delta["audio"]) for delta in deltas]


def said(talk: Talk, text: str = TEXT, **settings: Any) -> list[dict[str, Any]]:
    """All that the service says to a text from ``tts.create`` on."""
    talk.create(**settings)
    talk.send("tts.text.delta", text=text)
    talk.send("tts.text.done")
    return talk.rest()


def test_the_course_of_a_session(talk: Talk) -> None:
    """Created; each sentence started, spoken and ended; done with no sound; closed."""
    messages = said(talk)
    kinds = [each["type"].removeprefix("tts.response.") for each in messages]
    assert kinds[0] == "created"
    assert (kinds[-1], messages[-1]["data"]["audio"]) == ("audio.done", "")
    assert talk.socket.close_code == 1000
    starts = [each["data"] for each in messages if each["type"].endswith("sentence.start")]
    ends = [each["data"] for each in messages if each["type"].endswith("sentence.end")]
    assert "".join(start["text"] for start in starts) == TEXT
    assert [end["text"] for end in ends] == [start["text"] for start in starts]
    assert [end["ended_at"] for end in ends[:-1]] == [start["started_at"] for start in starts[1:]]


def test_every_message_names_its_session(talk: Talk) -> None:
    """And has an id of its own."""
    messages = said(talk)
    assert {each["data"]["session_id"] for each in messages} == {talk.session}
    assert len({each["event_id"] for each in messages}) == len(messages)
    assert {frozenset(each) for each in messages} == {frozenset(("type", "event_id", "data"))}


def test_durations_and_times_are_true(talk: Talk) -> None:
    """Of each delta, and of the session where its last sentence ends."""
    messages = said(talk)
    deltas = [each["data"] for each in messages if each["type"] == "tts.response.audio.delta"]
    for delta, sound in zip(deltas, spoken(messages), strict=True):
        assert delta["duration"] == pytest.approx(len(sound) / 2 / 24000, abs=1e-5)
        assert 0 < delta["duration"] <= 0.4
    ended = [each["data"] for each in messages if each["type"].endswith("sentence.end")][-1]
    assert ended["ended_at"] == pytest.approx(
        sum(each["duration"] for each in deltas) * 1000, abs=1
    )


def test_the_last_delta_of_a_sentence_is_finished(talk: Talk) -> None:
    """And no other."""
    previous = ""
    for message in said(talk):
        if message["type"] == "tts.response.audio.delta":
            assert previous != "finished"
            previous = message["data"]["status"]
        elif message["type"] == "tts.response.sentence.end":
            assert previous == "finished"
            previous = ""


def test_settings_are_applied(server: Running) -> None:
    """Rate, speed, volume and voice change the sound as they do over HTTP."""
    settings: dict[str, Any] = {"sample_rate": 16000, "speed_ratio": 1.5, "volume_ratio": 0.5}
    with server.connect() as socket:
        streamed = b"".join(
            spoken(said(Talk(socket), "Hello", voice_id="zixinnansheng", **settings))
        )
    same = {"sample_rate": 16000, "speed": 1.5, "volume": 0.5, "voice": "zixinnansheng"}
    assert streamed == server.speak("Hello", response_format="pcm", **same).content


@pytest.mark.parametrize("format", ["wav", "mp3", "flac", "opus"])
def test_each_delta_is_a_file(talk: Talk, format: str) -> None:
    """With a header of its own and the length that it says."""
    messages = said(talk, response_format=format)
    durations = [
        each["data"]["duration"] for each in messages if each["type"] == "tts.response.audio.delta"
    ]
    assert len(durations) > 3
    for sound, duration in zip(spoken(messages), durations, strict=True):
        decoded, rate = soundfile.read(io.BytesIO(sound))
        assert len(decoded) / rate == pytest.approx(duration, abs=0.001)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
@pytest.mark.parametrize("format", ["mp3_stream", "opus_stream", "flac_stream"])
def test_a_stream_is_one_file(talk: Talk, format: str) -> None:
    """All deltas joined decode to the sound of the whole session."""
    messages = said(talk, response_format=format)
    length = sum(
        each["data"]["duration"] for each in messages if each["type"] == "tts.response.audio.delta"
    )
    command = ["ffmpeg", "-v", "error", "-i", "-", "-f", "s16le", "-ac", "1", "-ar", "24000", "-"]
    decoded = subprocess.run(
        command, input=b"".join(spoken(messages)), capture_output=True, check=True
    )
    assert decoded.stderr == b""
    assert len(decoded.stdout) / 2 / 24000 == pytest.approx(length, abs=0.12)


def test_text_is_held_until_a_sentence_is_complete(talk: Talk) -> None:
    """Nothing is said to half of one; flushing says it."""
    talk.create()
    assert talk.receive()["type"] == "tts.response.created"
    talk.send("tts.text.delta", text="Hello th")
    with pytest.raises(TimeoutError):
        talk.socket.recv(timeout=0.2)
    talk.send("tts.text.delta", text="ere")
    talk.send("tts.text.flush")
    assert talk.receive()["type"] == "tts.text.flushed"
    started = talk.receive()
    assert started["data"]["text"] == "Hello there"
    talk.until("tts.response.sentence.end")
    talk.send("tts.text.flush")
    assert talk.receive()["type"] == "tts.text.flushed"


def test_a_mistake_does_not_end_a_session(talk: Talk) -> None:
    """It is answered with an error, and the text before and after it is spoken."""
    talk.send("tts.text.delta", text="too early")
    error = talk.receive()
    assert error["type"] == "tts.response.error"
    assert error["data"]["code"] == "out_of_order"
    assert error["data"]["message"]
    assert error["data"]["details"] == {}
    talk.create(voice_id="nobody")
    assert talk.receive()["data"]["details"] == {"param": "data.voice_id"}
    talk.socket.send("{")
    assert talk.receive()["data"]["code"] == "request_params_invalid"
    assert said(talk)[-1]["type"] == "tts.response.audio.done"


def test_binary_messages_are_refused(talk: Talk) -> None:
    """The dialogue is text."""
    talk.socket.send(b"{}")
    assert talk.receive()["data"]["code"] == "request_params_invalid"


def test_a_second_done_is_an_error_while_the_rest_is_spoken() -> None:
    """The session ends as it would have."""
    with running(pace=5) as server, server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        talk.send("tts.text.delta", text=TEXT)
        talk.send("tts.text.done")
        talk.send("tts.text.done")
        kinds = [each["type"] for each in talk.rest()]
    assert kinds.count("tts.response.error") == 1
    assert kinds.count("tts.response.sentence.end") == 3
    assert kinds[-1] == "tts.response.audio.done"


def test_moderation_refuses_a_sentence(talk: Talk) -> None:
    """With its code; the other sentences are spoken."""
    messages = said(talk, "Fine. A censored-sample! Fine.")
    errors = [each["data"]["code"] for each in messages if each["type"] == "tts.response.error"]
    starts = [each["data"]["text"] for each in messages if each["type"].endswith("start")]
    assert errors == ["censorship_block"]
    assert starts == ["Fine.", " Fine."]


@pytest.mark.parametrize("model", ["", "stepaudio-2.5-asr", "step-tts-2", "nothing"])
def test_models_it_does_not_serve_are_refused_at_the_door(server: Running, model: str) -> None:
    """With a status and the error's shape in place of the handshake."""
    response = server.refusal(model)
    assert response.status_code == 400
    assert response.headers["X-Trace-Id"]
    assert json.loads(response.body or b"")["error"]["message"] == "model not supported"


def test_a_wrong_key_is_refused_at_the_door(server: Running) -> None:
    """As over HTTP."""
    with httpx.Client(headers={"Authorization": "Bearer wrong"}) as stranger:
        assert replace(server, api=stranger).refusal().status_code == 401


def test_an_idle_session_is_closed() -> None:
    """Without a word, when nothing came for that long; activity puts it off."""
    with running(idle=0.6) as server, server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        for _ in range(4):
            threading.Event().wait(0.3)
            talk.send("tts.text.flush")
        assert [talk.receive()["type"] for _ in range(5)][-1] == "tts.text.flushed"
        with pytest.raises(ConnectionClosedOK):
            talk.receive()


def test_a_session_that_is_speaking_is_not_idle() -> None:
    """Sound that goes out for longer than the limit is not cut short."""
    with running(idle=0.5, pace=2) as server, server.connect() as socket:
        messages = said(Talk(socket), "This sentence takes rather longer than one second to say.")
    assert messages[-1]["type"] == "tts.response.audio.done"


def test_a_client_that_vanishes_leaves_nothing_behind(server: Running) -> None:
    """The server goes on, and says nothing of it."""
    for _ in range(3):
        with server.connect() as socket:
            talk = Talk(socket)
            talk.create()
            talk.send("tts.text.delta", text=TEXT * 5)
            talk.receive()
            talk.socket.socket.close()
    assert server.speak("Hi").status_code == 200


def test_latency_and_pace_are_kept() -> None:
    """No sooner than its latency does a sentence begin, nor its sound come faster than the pace."""
    with running(latency=0.3, pace=4) as server, server.connect() as socket:
        messages = said(Talk(socket), "Hello there, this is a sentence.")
        log = server.log("realtime")
    moments = {each["message"]["type"]: each["seconds"] for each in log if "message" in each}
    length = sum(each["data"].get("duration", 0) for each in messages)
    assert moments["tts.response.sentence.start"] - moments["tts.text.delta"] > 0.29
    spent = moments["tts.response.audio.done"] - moments["tts.response.sentence.start"]
    assert spent > (length - 0.4) / 4 - 0.02
