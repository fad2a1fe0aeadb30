"""Every way to misbehave, as a client meets it."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError

from tests.sandbox.running import Running, Talk, events


def test_a_status_strikes_the_nth_request_with_its_headers(server: Running) -> None:
    """The second request fails, with Retry-After and the documented shape; the third is served."""
    server.fault("speech:2:429,retry-after=1,message=slow down, please")
    answers = [server.speak("Hi"), server.speak("Hi"), server.speak("Hi")]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert answers[1].headers["retry-after"] == "1"
    assert answers[1].headers["x-trace-id"]
    assert answers[1].json() == {
        "error": {"message": "slow down, please", "type": "rate_limit_exceeded"}
    }


def test_moderation_has_its_type(server: Running) -> None:
    """A 451 says ``censorship_block`` unless told otherwise."""
    server.fault("speech:*:451")
    assert server.speak("Hi").json()["error"]["type"] == "censorship_block"


def test_a_body_can_be_given_whole(server: Running, tmp_path: Any) -> None:
    """``body=`` and ``file=`` are sent byte for byte."""
    script = tmp_path / "events"
    script.write_bytes(b"\xef\xbb\xbfdata: {}\r\n\r\n")
    server.fault("speech:1:200,body=not, json", f"speech:2:200,file={script},content-type=text/x")
    server.fault("speech:3:402,body=")
    first, second, third = server.speak(), server.speak(), server.speak()
    assert first.text == "not, json"
    assert (second.content, second.headers["content-type"]) == (script.read_bytes(), "text/x")
    assert (third.status_code, third.content) == (402, b"")


def test_redirect_html_and_empty_take_the_place_of_an_answer(server: Running) -> None:
    """Three things that a proxy in between might say."""
    server.fault("speech:1:redirect,location=http://elsewhere.test/x", "speech:2:html")
    server.fault("speech:3:empty")
    moved, page, nothing = server.speak(), server.speak(), server.speak()
    assert (moved.status_code, moved.headers["location"]) == (307, "http://elsewhere.test/x")
    assert page.headers["content-type"].startswith("text/html")
    assert (nothing.status_code, nothing.content) == (200, b"")


def test_a_reset_comes_before_any_answer(server: Running) -> None:
    """The connection is reset, and the next request is served."""
    server.fault("speech:1:reset")
    with pytest.raises(httpx.ReadError, match="reset"):
        server.speak("Hi")
    assert server.speak("Hi").status_code == 200


def arriving(server: Running, **more: Any) -> tuple[bytes, bool]:
    """What arrives of an answer, and whether it came to its end."""
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hello there"} | more
    got = b""
    try:
        with server.api.stream("POST", f"{server.base}/audio/speech", json=body) as answer:
            for chunk in answer.iter_raw():
                got += chunk
    except (httpx.RemoteProtocolError, httpx.ReadError):
        return got, False
    return got, True


@pytest.mark.parametrize("after", [0, 1, 4999, 5000, 20001])
def test_a_body_ends_after_exactly_so_many_bytes(server: Running, after: int) -> None:
    """The bytes before the cut arrive, and it is seen to be one."""
    whole, ended = arriving(server, response_format="pcm")
    assert ended
    server.fault(f"speech:1:cut,after={after}")
    assert arriving(server, response_format="pcm") == (whole[:after], False)


def test_a_body_is_reset_on_its_way(server: Running) -> None:
    """No more than so many bytes arrive; a reset may lose those that were not read yet."""
    whole, _ = arriving(server, response_format="pcm")
    server.fault("speech:1:reset,after=20001")
    got, ended = arriving(server, response_format="pcm")
    assert not ended
    assert whole[:20001].startswith(got)


def test_a_stream_is_cut_after_so_many_events(server: Running) -> None:
    """Three whole events, and no end."""
    server.fault("speech:1:cut,after=3")
    got, ended = arriving(server, stream_format="sse")
    assert not ended
    assert got.count(b"\n\n") == 3
    assert got.endswith(b"\n\n")


def test_a_json_answer_is_cut_before_its_length(server: Running) -> None:
    """A Content-Length that is not kept."""
    server.fault("models:1:cut,after=10")
    with pytest.raises(httpx.RemoteProtocolError):
        server.api.get(f"{server.open}/models")


@pytest.mark.parametrize("spec", ["speech:1:stall", "speech:1:stall,after=1000"])
def test_a_stall_says_nothing_until_the_client_leaves(server: Running, spec: str) -> None:
    """The client times out; the server goes on serving."""
    server.fault(spec)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{server.base}/audio/speech",
            headers=server.api.headers,
            json={"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hi"},
            timeout=0.5,
        )
    assert server.speak("Hi").status_code == 200


def test_a_stall_can_end(server: Running) -> None:
    """After its time the rest comes, all of it."""
    server.fault("speech:1:stall,after=100,for=0.2")
    assert server.speak("Hi").content == server.speak("Hi").content


def test_malformed_breaks_json(server: Running) -> None:
    """Half an event in a stream, half an object in a plain answer."""
    server.fault("models:1:malformed", "speech:1:malformed,after=1")
    with pytest.raises(json.JSONDecodeError):
        server.api.get(f"{server.open}/models").json()
    lines = [line for line in server.speak("Hi", stream_format="sse").text.split("\n") if line]
    json.loads(lines[0].removeprefix("data: "))
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[1].removeprefix("data: "))
    assert lines[-1] == "data: [DONE]"


def test_an_error_event_ends_a_stream(server: Running) -> None:
    """Each stream says it in its own way, and nothing follows."""
    server.fault("speech:1:error,after=1,message=boom", "asr:1:error,message=boom")
    speech = events(server.speak("Hi", stream_format="sse"))
    heard = events(server.recognise(server.speak("Hi").content, {"type": "mp3"}))
    assert [each["type"] for each in speech] == ["speech.audio.delta", "speech.audio.error"]
    assert speech[1]["error"]["message"] == "boom"
    assert [(each["type"], each["message"]) for each in heard] == [("error", "boom")]


def test_another_type_a_long_header_and_a_slow_line_keep_the_body(server: Running) -> None:
    """What goes by is changed only where it was meant to be."""
    plain = server.speak("Hi").content
    server.fault("speech:1:type,value=text/plain", "speech:2:header,bytes=5000")
    server.fault("speech:3:drip,rate=1000000,piece=1000")
    typed, padded, dripped = server.speak("Hi"), server.speak("Hi"), server.speak("Hi")
    assert typed.headers["content-type"] == "text/plain"
    assert len(padded.headers["x-padding"]) == 5000
    assert typed.content == padded.content == dripped.content == plain


def test_events_are_dropped_repeated_and_edited(server: Running) -> None:
    """By their type, or in one field of each that has it; the rest is as it was."""
    plain = events(server.speak("Hi", stream_format="sse"))
    server.fault("speech:1:drop,event=speech.audio.done", "speech:2:repeat,event=speech.audio.done")
    server.fault("speech:3:edit,field=audio,value=7", "speech:4:edit,field=type")
    dropped, repeated, edited, missing = (
        events(server.speak("Hi", stream_format="sse")) for _ in range(4)
    )
    assert dropped == [*plain[:-2], "[DONE]"]
    assert repeated == [*plain[:-1], *plain[-2:]]
    assert [each["audio"] for each in edited[:-1]] == [7] * (len(plain) - 1)
    assert missing[0] == {"audio": plain[0]["audio"]}


def test_a_json_answer_is_edited_too(server: Running) -> None:
    """Deep in an object, with the right length after it."""
    server.fault("models:1:edit,field=data,value={}")
    assert server.api.get(f"{server.open}/models").json() == {"object": "list", "data": {}}


def test_a_frame_nobody_knows_comes_in_between(server: Running) -> None:
    """A large event more, and all others; of sound that is no events nothing changes."""
    plain, sound = events(server.speak("Hi", stream_format="sse")), server.speak("Hi").content
    server.fault("speech:1:frame,bytes=100000,after=1", "speech:2:frame,bytes=100000")
    first, padding, *others = events(server.speak("Hi", stream_format="sse"))
    assert len(padding["padding"]) == 100000
    assert [first, *others] == plain
    assert server.speak("Hi").content == sound


def test_an_endless_answer_never_ends(server: Running) -> None:
    """Far more arrives than was spoken."""
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hi"}
    length = len(server.speak("Hi").content)
    server.fault("speech:1:endless,after=100")
    got = 0
    with server.api.stream("POST", f"{server.base}/audio/speech", json=body) as answer:
        for chunk in answer.iter_raw():
            got += len(chunk)
            if got > 10 * length:
                break
    assert got > 10 * length
    assert server.speak("Hi").status_code == 200


def test_faults_of_all_endpoints(server: Running) -> None:
    """``*`` stands for any, and the first fault that fits is done."""
    server.fault("speech:1:503", "*:1-2:500")
    assert server.speak("Hi").status_code == 503
    assert server.api.get(f"{server.open}/models").status_code == 500
    assert server.api.get(f"{server.open}/models").status_code == 200


def test_counting_begins_when_a_fault_is_set(server: Running) -> None:
    """Requests before it do not count, and clearing ends it."""
    server.speak("Hi")
    server.fault("speech:1+:500")
    assert server.speak("Hi").status_code == 500
    assert server.control("GET", "faults").json() == {"faults": ["speech:1+:500"]}
    server.control("DELETE", "faults")
    assert server.speak("Hi").status_code == 200


def test_faults_are_refused_in_a_sentence(server: Running) -> None:
    """What cannot be read changes nothing."""
    answer = server.control("POST", "faults", {"faults": ["speech:1:500", "speech:1:what"]})
    assert answer.status_code == 400
    assert "'what' is neither a status nor" in answer.json()["error"]["message"]
    assert server.control("GET", "faults").json() == {"faults": []}


def _spoken(server: Running) -> list[dict[str, Any]]:
    with server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        talk.send("tts.text.delta", text="Hello there.")
        talk.send("tts.text.done")
        return talk.rest()


def test_a_websocket_is_refused_with_a_status(server: Running) -> None:
    """In place of the handshake."""
    server.fault("realtime:1:503,retry-after=2")
    refusal = server.refusal()
    assert (refusal.status_code, refusal.headers["Retry-After"]) == (503, "2")


def test_a_websocket_is_closed_with_a_code(server: Running) -> None:
    """After so many frames, with that code and reason."""
    server.fault("realtime:1:close,code=1011,reason=gone,after=3")
    with server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        talk.send("tts.text.delta", text="Hello there.\n")
        assert [talk.receive()["type"] for _ in range(2)] == [
            "tts.response.created",
            "tts.response.sentence.start",
        ]
        with pytest.raises(ConnectionClosedError) as closed:
            talk.receive()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "gone")


@pytest.mark.parametrize("action", ["cut", "reset"])
def test_a_websocket_is_lost_without_a_word(server: Running, action: str) -> None:
    """No close frame is received."""
    server.fault(f"realtime:1:{action},after=2")
    with server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        talk.send("tts.text.delta", text="Hello there.\n")
        assert talk.receive()["type"] == "tts.response.created"
        with pytest.raises(ConnectionClosedError) as closed:
            talk.receive()
    assert closed.value.rcvd is None


def test_a_websocket_can_stall(server: Running) -> None:
    """Nothing comes any more; and when the client leaves, it is over."""
    server.fault("realtime:1:stall,after=1")
    with server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        talk.send("tts.text.delta", text="Hello there.\n")
        talk.send("tts.text.flush")
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.3)
        socket.socket.shutdown(2)
    assert server.is_alone()


def test_a_websocket_says_an_error_or_nonsense(server: Running) -> None:
    """An error frame ends it; a broken frame does not."""
    server.fault("realtime:1:error,code=503,message=busy,after=2", "realtime:2:malformed,after=1")
    failed = _spoken(server)
    assert failed[-1]["type"] == "tts.response.error"
    assert (failed[-1]["data"]["code"], failed[-1]["data"]["message"]) == ("503", "busy")
    with server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        with pytest.raises(json.JSONDecodeError):
            talk.receive()
        talk.send("tts.text.done")
        assert talk.receive()["type"] == "tts.response.audio.done"


def test_a_websocket_without_sound(server: Running) -> None:
    """Sentences come, deltas do not."""
    server.fault("realtime:1:drop,event=tts.response.audio.delta")
    kinds = [message["type"] for message in _spoken(server)]
    assert "tts.response.sentence.end" in kinds
    assert "tts.response.audio.delta" not in kinds


def test_a_slow_websocket_says_all(server: Running) -> None:
    """The same sound over a slow line."""
    plain = _sound(_spoken(server))
    server.fault("realtime:1:drip,rate=10000000")
    assert _sound(_spoken(server)) == plain


def _sound(messages: list[dict[str, Any]]) -> bytes:
    return b"".join(b64decode(each["data"].get("audio", "")) for each in messages)
