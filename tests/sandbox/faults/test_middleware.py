"""Every fault as a client sees it."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError

from tests.sandbox.client import RealtimeClient, SandboxClient, sse_events


def test_status_replaces_only_the_nth_response(server: SandboxClient) -> None:
    """With its headers and the documented body."""
    server.fault("speech:2:429,retry-after=1,message=slow down, please")
    responses = [server.speak("Hi"), server.speak("Hi"), server.speak("Hi")]
    assert [response.status_code for response in responses] == [200, 429, 200]
    assert responses[1].headers["retry-after"] == "1"
    assert responses[1].headers["x-trace-id"]
    assert responses[1].json() == {
        "error": {"message": "slow down, please", "type": "rate_limited"}
    }


@pytest.mark.parametrize(
    ("status", "type"),
    [
        (401, "invalid_api_key"),
        (402, "quota_exceeded"),
        (403, "forbidden"),
        (429, "rate_limited"),
        (451, "censorship_block"),
    ],
)
def test_status_has_the_type_of_the_service(server: SandboxClient, status: int, type: str) -> None:
    server.fault(f"speech:*:{status}")
    assert server.speak("Hi").json()["error"]["type"] == type


def test_body_and_file_are_sent_byte_for_byte(server: SandboxClient, tmp_path: Any) -> None:
    script = tmp_path / "events"
    script.write_bytes(b"\xef\xbb\xbfdata: {}\r\n\r\n")
    server.fault("speech:1:200,body=not, json", f"speech:2:200,file={script},content-type=text/x")
    server.fault("speech:3:402,body=")
    first, second, third = server.speak(), server.speak(), server.speak()
    assert first.text == "not, json"
    assert (second.content, second.headers["content-type"]) == (script.read_bytes(), "text/x")
    assert (third.status_code, third.content) == (402, b"")


def test_redirect_html_and_empty_replace_the_response(server: SandboxClient) -> None:
    server.fault("speech:1:redirect,location=http://elsewhere.test/x", "speech:2:html")
    server.fault("speech:3:empty")
    moved, page, nothing = server.speak(), server.speak(), server.speak()
    assert (moved.status_code, moved.headers["location"]) == (307, "http://elsewhere.test/x")
    assert page.headers["content-type"].startswith("text/html")
    assert (nothing.status_code, nothing.content) == (200, b"")


def test_fault_of_a_base_does_not_apply_to_the_other(server: SandboxClient) -> None:
    server.fault("plan/models:*:404,body=404 page not found", "open/*:2:402")
    response = server.api.get(f"{server.base}/models")
    assert (response.status_code, response.text) == (404, "404 page not found")
    assert response.headers["content-type"].startswith("text/plain")
    answers = [server.api.get(f"{server.open}/models").status_code for _ in range(3)]
    assert answers == [200, 402, 200]


def test_reset_without_after_precedes_any_response(server: SandboxClient) -> None:
    server.fault("speech:1:reset")
    with pytest.raises(httpx.ReadError, match="reset"):
        server.speak("Hi")
    assert server.speak("Hi").status_code == 200


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


def test_empty_done_follows_deltas_with_text(server: SandboxClient) -> None:
    server.fault("asr:1:empty-done")
    *deltas, done = sse_events(server.recognize(server.speak().content, {"type": "mp3"}))
    assert "".join(delta["delta"] for delta in deltas).split()[0] == "Today"
    assert (done["type"], done["text"]) == ("transcript.text.done", "")


def test_type_header_and_drip_keep_the_body(server: SandboxClient) -> None:
    plain = server.speak("Hi").content
    server.fault("speech:1:type,value=text/plain", "speech:2:header,bytes=5000")
    server.fault("speech:3:drip,rate=1000000,piece=1000")
    typed, padded, dripped = server.speak("Hi"), server.speak("Hi"), server.speak("Hi")
    assert typed.headers["content-type"] == "text/plain"
    assert len(padded.headers["x-padding"]) == 5000
    assert typed.content == padded.content == dripped.content == plain


def test_drop_repeat_and_edit_change_only_the_named_events(server: SandboxClient) -> None:
    plain = sse_events(server.speak("Hi", stream_format="sse"))
    server.fault("speech:1:drop,event=speech.audio.done", "speech:2:repeat,event=speech.audio.done")
    server.fault("speech:3:edit,field=audio,value=7", "speech:4:edit,field=type")
    dropped, repeated, edited, missing = (
        sse_events(server.speak("Hi", stream_format="sse")) for _ in range(4)
    )
    assert dropped == [*plain[:-2], "[DONE]"]
    assert repeated == [*plain[:-1], *plain[-2:]]
    assert [each["audio"] for each in edited[:-1]] == [7] * (len(plain) - 1)
    assert missing[0] == {"audio": plain[0]["audio"]}


def test_edit_changes_a_json_body_and_its_length(server: SandboxClient) -> None:
    server.fault("models:1:edit,field=data,value={}")
    assert server.api.get(f"{server.open}/models").json() == {"object": "list", "data": {}}


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


def test_first_matching_fault_is_performed(server: SandboxClient) -> None:
    """``*`` matches every endpoint."""
    server.fault("speech:1:503", "*:1-2:500")
    assert server.speak("Hi").status_code == 503
    assert server.api.get(f"{server.open}/models").status_code == 500
    assert server.api.get(f"{server.open}/models").status_code == 200


def test_requests_are_counted_from_when_the_fault_is_set(server: SandboxClient) -> None:
    server.speak("Hi")
    server.fault("speech:1+:500")
    assert server.speak("Hi").status_code == 500
    assert server.admin("GET", "faults").json() == {"faults": ["speech:1+:500"]}
    server.admin("DELETE", "faults")
    assert server.speak("Hi").status_code == 200


def _messages(server: SandboxClient) -> list[dict[str, Any]]:
    with server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        realtime.send("tts.text.delta", text="Hello there.")
        realtime.send("tts.text.done")
        return realtime.receive_all()


def test_status_replaces_the_websocket_handshake(server: SandboxClient) -> None:
    server.fault("realtime:1:503,retry-after=2")
    refusal = server.refused_handshake()
    assert (refusal.status_code, refusal.headers["Retry-After"]) == (503, "2")


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
    failed = _messages(server)
    assert failed[-1]["type"] == "tts.response.error"
    assert (failed[-1]["data"]["code"], failed[-1]["data"]["message"]) == ("503", "busy")
    with server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        with pytest.raises(json.JSONDecodeError):
            realtime.receive()
        realtime.send("tts.text.done")
        assert realtime.receive()["type"] == "tts.response.audio.done"


def test_websocket_deltas_can_be_dropped(server: SandboxClient) -> None:
    server.fault("realtime:1:drop,event=tts.response.audio.delta")
    kinds = [message["type"] for message in _messages(server)]
    assert "tts.response.sentence.end" in kinds
    assert "tts.response.audio.delta" not in kinds


def test_drip_keeps_the_audio_of_a_websocket(server: SandboxClient) -> None:
    plain = _audio(_messages(server))
    server.fault("realtime:1:drip,rate=10000000")
    assert _audio(_messages(server)) == plain


def _audio(messages: list[dict[str, Any]]) -> bytes:
    return b"".join(b64decode(each["data"].get("audio", "")) for each in messages)
