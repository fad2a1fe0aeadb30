"""The log of what was asked, and the endpoint that reads it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from stepcli.sandbox.faults.middleware import FaultBook
from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.middleware.admin import control
from stepcli.sandbox.middleware.request_log import Log, summary
from tests.sandbox.running import Running, Talk, running


def test_a_request_is_an_entry(server: Running) -> None:
    """Who, what, how it was answered; the key masked, on connection and in number."""
    answer = server.speak("Hi", instruction="softly")
    (entry,) = server.log("speech")
    assert (entry["method"], entry["path"]) == ("POST", "/step_plan/v1/audio/speech")
    assert (entry["status"], entry["bytes"]) == (200, len(answer.content))
    assert entry["body"]["input"] == "Hi"
    assert entry["body"]["instruction"] == "softly"
    assert entry["headers"]["authorization"] == "***"
    assert entry["trace_id"] == answer.headers["x-trace-id"]
    assert entry["fault"] is None
    assert entry["connection"]["open"] >= 1
    assert "Bearer" not in json.dumps(entry)


def test_requests_are_numbered_by_endpoint() -> None:
    """From 1, refused ones too; faults are named."""
    with running(faults=["speech:2:503"]) as server:
        server.speak("Hi")
        server.speak("Hi")
        server.api.get(f"{server.open}/models")
        assert [each["body"]["input"] for each in server.log("speech")] == ["Hi", "Hi"]
        told = [(each["n"], each["status"], each["fault"]) for each in server.log("speech")]
        assert told == [(1, 200, None), (2, 503, "speech:2:503")]
        assert server.log("models")[0]["n"] == 1


def test_sound_is_logged_by_size_and_hash(server: Running) -> None:
    """In what was sent; errors in full in what was answered."""
    server.recognise(b"RIFF1234", {"type": "wav"})
    (entry,) = server.log("asr")
    digest = hashlib.sha256(b"RIFF1234").hexdigest()
    assert entry["body"]["audio"]["data"] == {"bytes": 8, "sha256": digest}
    assert entry["answer"]["error"]["type"] == "request_params_invalid"


def test_a_conversation_is_logged_message_by_message(server: Running) -> None:
    """Both ways, between its opening and its end."""
    with server.connect() as socket:
        talk = Talk(socket)
        talk.create()
        talk.send("tts.text.delta", text="Hello")
        talk.send("tts.text.done")
        talk.rest()
    server.speak("Hi")
    entries = server.log("realtime")
    assert [entries[0]["event"], entries[-1]["event"]] == ["open", "end"]
    assert entries[0]["headers"]["authorization"] == "***"
    received = [each["message"] for each in entries if each["event"] == "received"]
    assert [each["type"] for each in received] == ["tts.create", "tts.text.delta", "tts.text.done"]
    sent = [each["message"] for each in entries if each["event"] == "sent"]
    deltas = [each["data"] for each in sent if each["type"] == "tts.response.audio.delta"]
    assert all(delta["audio"]["bytes"] > 0 for delta in deltas)
    assert {"event": "closed by the service", "code": 1000}.items() <= entries[-2].items()


def test_the_log_is_written_to_a_file_too(tmp_path: Path) -> None:
    """The same entries, one a line, before the answer is complete; appended to what was there."""
    path = tmp_path / "log.jsonl"
    path.write_text("{}\n")
    with running(log=str(path)) as server:
        server.speak("你好")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert lines[1:] == server.log("speech")
        assert lines[1]["body"]["input"] == "你好"


def test_the_log_can_be_forgotten(server: Running) -> None:
    """And control requests are not in it."""
    server.speak("Hi")
    server.control("DELETE", "log")
    assert server.control("GET", "log").json() == {"entries": []}


def test_unknown_paths_are_logged_without_an_endpoint(server: Running) -> None:
    """So that a misspelt one can be found."""
    server.api.get(f"{server.base}/audio/speach")
    entries = server.control("GET", "log").json()["entries"]
    assert (entries[-1]["endpoint"], entries[-1]["status"]) == (None, 404)


def test_other_machines_are_not_let_in() -> None:
    """The control endpoint answers loopback peers only."""
    app = Starlette(routes=control(FaultBook(), Log()))

    async def ask(address: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as api:
            return await api.get("/_sandbox/faults")

    with pytest.raises(Refusal) as refused:
        asyncio.run(ask("192.0.2.7"))
    assert refused.value.status == 404
    assert asyncio.run(ask("127.0.0.9")).json() == {"faults": []}


@pytest.mark.parametrize(
    ("data", "media_type", "expected"),
    [
        (b'{"audio": "QUJD"}', "application/json", {"audio": {"bytes": 3}}),
        (b'{"audio": "%%%"}', "application/json", {"audio": "%%%"}),
        (b'[{"data": ""}]', "application/json", [{"data": ""}]),
        (b"{", "application/json", {"bytes": 1}),
        (b"form", "multipart/form-data", {"bytes": 4}),
    ],
)
def test_bodies_in_brief(data: bytes, media_type: str, expected: object) -> None:
    """Base64 sound decoded and measured, the rest as it is, what is no JSON by its hash."""
    told = json.loads(json.dumps(summary(data, media_type)), object_hook=_without_hash)
    assert told == expected


def _without_hash(value: dict[str, object]) -> dict[str, object]:
    return {key: inner for key, inner in value.items() if key != "sha256"}


def test_latency_and_pace_delay_but_do_not_change(server: Running) -> None:
    """The same bytes, in the log taking at least as long as they should."""
    with running(latency=0.3, pace=4) as slow:
        told = slow.speak("Hello there", response_format="pcm")
        assert told.content == server.speak("Hello there", response_format="pcm").content
        length = len(told.content) / 2 / 24000
        assert slow.log("speech")[0]["seconds"] > 0.3 + (length - 0.1) / 4 - 0.02
        assert slow.api.get(f"{slow.open}/models").elapsed.total_seconds() > 0.3


def test_wrong_keys_are_refused_and_logged(server: Running) -> None:
    """None, another, another scheme: 401 with the documented shape."""
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic sandbox"}):
        answer = httpx.get(f"{server.open}/models", headers=headers)
        assert answer.status_code == 401
        assert set(answer.json()["error"]) == {"message", "type"}
        assert answer.headers["x-trace-id"]
    assert [each["status"] for each in server.log("models")] == [401] * 3


def test_a_client_is_who_its_connection_says(server: Running) -> None:
    """A forwarding header makes nobody somebody else."""
    headers = dict(server.api.headers) | {"X-Forwarded-For": "192.0.2.7"}
    assert httpx.get(f"{server.open}/models", headers=headers).status_code == 200
    assert httpx.get(f"{server.root}/_sandbox/faults", headers=headers).status_code == 200
