"""The request log."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from stepcli.sandbox.middleware.request_log import summarize
from tests.sandbox.client import RealtimeClient, SandboxClient, run_sandbox


def test_request_is_logged_with_its_response(server: SandboxClient) -> None:
    """The API key is masked."""
    response = server.speak("Hi", instruction="softly")
    (entry,) = server.log("speech")
    assert (entry["method"], entry["path"]) == ("POST", "/step_plan/v1/audio/speech")
    assert (entry["status"], entry["bytes"]) == (200, len(response.content))
    assert entry["body"]["input"] == "Hi"
    assert entry["body"]["instruction"] == "softly"
    assert entry["headers"]["authorization"] == "***"
    assert entry["trace_id"] == response.headers["x-trace-id"]
    assert entry["fault"] is None
    assert entry["connection"]["open"] >= 1
    assert "Bearer" not in json.dumps(entry)


def test_requests_are_numbered_by_endpoint() -> None:
    """Refused requests too; faults are named."""
    with run_sandbox("--fault", "speech:2:503") as server:
        server.speak("Hi")
        server.speak("Hi")
        server.api.get(f"{server.open}/models")
        assert [each["body"]["input"] for each in server.log("speech")] == ["Hi", "Hi"]
        result = [(each["n"], each["status"], each["fault"]) for each in server.log("speech")]
        assert result == [(1, 200, None), (2, 503, "speech:2:503")]
        assert server.log("models")[0]["n"] == 1


def test_audio_is_logged_by_size_and_hash(server: SandboxClient) -> None:
    """Error responses are logged in full."""
    server.recognize(b"RIFF1234", {"type": "wav"})
    (entry,) = server.log("asr")
    digest = hashlib.sha256(b"RIFF1234").hexdigest()
    assert entry["body"]["audio"]["data"] == {"bytes": 8, "sha256": digest}
    assert entry["answer"]["error"]["type"] == "request_params_invalid"


def test_websocket_messages_are_logged_in_both_directions(server: SandboxClient) -> None:
    with server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        realtime.send("tts.text.delta", text="Hello")
        realtime.send("tts.text.done")
        realtime.receive_all()
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


def test_log_is_appended_to_a_file(tmp_path: Path) -> None:
    """Each entry is written before the response is complete."""
    path = tmp_path / "log.jsonl"
    path.write_text("{}\n")
    with run_sandbox("--log", str(path)) as server:
        server.speak("你好")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert lines[1:] == server.log("speech")
        assert lines[1]["body"]["input"] == "你好"


def test_log_can_be_cleared(server: SandboxClient) -> None:
    """Administration requests are not logged."""
    server.speak("Hi")
    server.admin("DELETE", "log")
    assert server.admin("GET", "log").json() == {"entries": []}


def test_unknown_path_is_logged_without_an_endpoint(server: SandboxClient) -> None:
    server.api.get(f"{server.base}/audio/speach")
    entries = server.admin("GET", "log").json()["entries"]
    assert (entries[-1]["endpoint"], entries[-1]["status"]) == (None, 404)


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
def test_summary_replaces_base64_audio(data: bytes, media_type: str, expected: object) -> None:
    """Anything but JSON is summarized by size and hash."""
    result = json.loads(json.dumps(summarize(data, media_type)), object_hook=_without_hash)
    assert result == expected


def _without_hash(value: dict[str, object]) -> dict[str, object]:
    return {key: inner for key, inner in value.items() if key != "sha256"}
