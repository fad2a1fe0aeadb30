"""Faults that change a response as it passes."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from tests.sandbox.client import SandboxClient, session_messages, sse_events


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


def test_websocket_deltas_can_be_dropped(server: SandboxClient) -> None:
    server.fault("realtime:1:drop,event=tts.response.audio.delta")
    kinds = [message["type"] for message in session_messages(server)]
    assert "tts.response.sentence.end" in kinds
    assert "tts.response.audio.delta" not in kinds


def test_drip_keeps_the_audio_of_a_websocket(server: SandboxClient) -> None:
    plain = _audio(session_messages(server))
    server.fault("realtime:1:drip,rate=10000000")
    assert _audio(session_messages(server)) == plain


def _audio(messages: list[dict[str, Any]]) -> bytes:
    return b"".join(b64decode(each["data"].get("audio", "")) for each in messages)
