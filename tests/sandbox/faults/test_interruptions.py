"""Faults in the middle of a response."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError

from tests.sandbox.client import RealtimeClient, SandboxClient, session_messages, sse_events


def receive_bytes(server: SandboxClient, **more: Any) -> tuple[bytes, bool]:
    """Return the bytes of a response and whether it was complete."""
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hello there"} | more
    got = b""
    try:
        with server.api.stream("POST", f"{server.base}/audio/speech", json=body) as response:
            for chunk in response.iter_raw():
                got += chunk
    except (httpx.RemoteProtocolError, httpx.ReadError):
        return got, False
    return got, True


@pytest.mark.parametrize("after", [0, 1, 4999, 5000, 20001])
def test_cut_sends_exactly_that_many_bytes(server: SandboxClient, after: int) -> None:
    whole, ended = receive_bytes(server, response_format="pcm")
    assert ended
    server.fault(f"speech:1:cut,after={after}")
    assert receive_bytes(server, response_format="pcm") == (whole[:after], False)


def test_reset_sends_at_most_that_many_bytes(server: SandboxClient) -> None:
    """A reset may discard bytes that were not read yet."""
    whole, _ = receive_bytes(server, response_format="pcm")
    server.fault("speech:1:reset,after=20001")
    got, ended = receive_bytes(server, response_format="pcm")
    assert not ended
    assert whole[:20001].startswith(got)


def test_cut_sends_that_many_whole_events(server: SandboxClient) -> None:
    server.fault("speech:1:cut,after=3")
    got, ended = receive_bytes(server, stream_format="sse")
    assert not ended
    assert got.count(b"\n\n") == 3
    assert got.endswith(b"\n\n")


def test_cut_json_body_is_shorter_than_its_content_length(server: SandboxClient) -> None:
    server.fault("models:1:cut,after=10")
    with pytest.raises(httpx.RemoteProtocolError):
        server.api.get(f"{server.open}/models")


@pytest.mark.parametrize("spec", ["speech:1:stall", "speech:1:stall,after=1000"])
def test_stall_lasts_until_the_client_disconnects(server: SandboxClient, spec: str) -> None:
    server.fault(spec)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{server.base}/audio/speech",
            headers=server.api.headers,
            json={"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hi"},
            timeout=0.5,
        )
    assert server.speak("Hi").status_code == 200


def test_stall_with_for_continues(server: SandboxClient) -> None:
    server.fault("speech:1:stall,after=100,for=0.2")
    assert server.speak("Hi").content == server.speak("Hi").content


def test_malformed_truncates_one_event_or_the_body(server: SandboxClient) -> None:
    server.fault("models:1:malformed", "speech:1:malformed,after=1")
    with pytest.raises(json.JSONDecodeError):
        server.api.get(f"{server.open}/models").json()
    lines = [line for line in server.speak("Hi", stream_format="sse").text.split("\n") if line]
    json.loads(lines[0].removeprefix("data: "))
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[1].removeprefix("data: "))
    assert lines[-1] == "data: [DONE]"


def test_error_event_ends_the_stream(server: SandboxClient) -> None:
    """In the form of each endpoint."""
    server.fault("speech:1:error,after=1,message=boom", "asr:1:error,message=boom")
    speech = sse_events(server.speak("Hi", stream_format="sse"))
    recognized = sse_events(server.recognize(server.speak("Hi").content, {"type": "mp3"}))
    assert [each["type"] for each in speech] == ["speech.audio.delta", "speech.audio.error"]
    assert speech[1]["error"]["message"] == "boom"
    assert [(each["type"], each["message"]) for each in recognized] == [("error", "boom")]


def test_recognition_reports_quota_exceeded_as_an_event(server: SandboxClient) -> None:
    server.fault("asr:1:error,message=quota exceeded")
    response = server.recognize(server.speak("Hi").content, {"type": "mp3"})
    assert response.status_code == 200
    assert sse_events(response) == [{"type": "error", "message": "quota exceeded"}]


def test_frame_inserts_an_unknown_event(server: SandboxClient) -> None:
    """A plain body is not changed."""
    plain, sound = sse_events(server.speak("Hi", stream_format="sse")), server.speak("Hi").content
    server.fault("speech:1:frame,bytes=100000,after=1", "speech:2:frame,bytes=100000")
    first, padding, *others = sse_events(server.speak("Hi", stream_format="sse"))
    assert len(padding["padding"]) == 100000
    assert [first, *others] == plain
    assert server.speak("Hi").content == sound


def test_endless_repeats_the_body(server: SandboxClient) -> None:
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hi"}
    length = len(server.speak("Hi").content)
    server.fault("speech:1:endless,after=100")
    got = 0
    with server.api.stream("POST", f"{server.base}/audio/speech", json=body) as response:
        for chunk in response.iter_raw():
            got += len(chunk)
            if got > 10 * length:
                break
    assert got > 10 * length
    assert server.speak("Hi").status_code == 200


def test_websocket_closes_with_the_code_and_reason(server: SandboxClient) -> None:
    server.fault("realtime:1:close,code=1011,reason=gone,after=3")
    with server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        realtime.send("tts.text.delta", text="Hello there.\n")
        assert [realtime.receive()["type"] for _ in range(2)] == [
            "tts.response.created",
            "tts.response.sentence.start",
        ]
        with pytest.raises(ConnectionClosedError) as closed:
            realtime.receive()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "gone")


@pytest.mark.parametrize("action", ["cut", "reset"])
def test_websocket_is_lost_without_a_close_frame(server: SandboxClient, action: str) -> None:
    server.fault(f"realtime:1:{action},after=2")
    with server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        realtime.send("tts.text.delta", text="Hello there.\n")
        assert realtime.receive()["type"] == "tts.response.created"
        with pytest.raises(ConnectionClosedError) as closed:
            realtime.receive()
    assert closed.value.rcvd is None


def test_websocket_stalls_until_the_client_disconnects(server: SandboxClient) -> None:
    server.fault("realtime:1:stall,after=1")
    with server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        realtime.send("tts.text.delta", text="Hello there.\n")
        realtime.send("tts.text.flush")
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.3)
        socket.socket.shutdown(2)
    assert server.is_idle()


def test_websocket_error_ends_the_session_but_a_malformed_message_does_not(
    server: SandboxClient,
) -> None:
    server.fault("realtime:1:error,code=503,message=busy,after=2", "realtime:2:malformed,after=1")
    failed = session_messages(server)
    assert failed[-1]["type"] == "tts.response.error"
    assert (failed[-1]["data"]["code"], failed[-1]["data"]["message"]) == ("503", "busy")
    with server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        with pytest.raises(json.JSONDecodeError):
            realtime.receive()
        realtime.send("tts.text.done")
        assert realtime.receive()["type"] == "tts.response.audio.done"
