"""API keys, the concurrency limit and latency."""

from __future__ import annotations

import json
from contextlib import ExitStack

import httpx

from tests.sandbox.client import SandboxClient, run_sandbox


def test_latency_and_pace_delay_the_response_without_changing_it(server: SandboxClient) -> None:
    with run_sandbox("--latency", "0.3", "--pace", "4") as slow:
        result = slow.speak("Hello there", response_format="pcm")
        assert result.content == server.speak("Hello there", response_format="pcm").content
        length = len(result.content) / 2 / 24000
        assert slow.log("speech")[0]["seconds"] > 0.3 + (length - 0.1) / 4 - 0.02
        assert slow.api.get(f"{slow.open}/models").elapsed.total_seconds() > 0.3


def test_missing_and_wrong_keys_get_401_and_are_logged(server: SandboxClient) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic sandbox"}):
        response = httpx.get(f"{server.open}/models", headers=headers)
        assert response.status_code == 401
        assert response.json()["error"]["type"] == "invalid_api_key"
        assert response.headers["x-trace-id"]
    assert [each["status"] for each in server.log("models")] == [401] * 3


def test_forwarding_headers_are_ignored(server: SandboxClient) -> None:
    headers = dict(server.api.headers) | {"X-Forwarded-For": "192.0.2.7"}
    assert httpx.get(f"{server.open}/models", headers=headers).status_code == 200
    assert httpx.get(f"{server.origin}/_sandbox/faults", headers=headers).status_code == 200


def test_requests_beyond_the_limit_get_429_until_one_ends() -> None:
    with run_sandbox("--concurrency", "2") as server:
        with ExitStack() as open_sessions:
            for _ in range(2):
                open_sessions.enter_context(server.connect()).recv()
            refused = server.speak("Hi")
            assert refused.status_code == 429
            assert refused.json()["error"] == {
                "message": "request limited concurrency reached, current: 3, limit: 2",
                "type": "rate_limited",
            }
            assert server.api.get(f"{server.open}/models").status_code == 200
        assert server.is_idle()
        assert server.speak("Hi").status_code == 200


def test_realtime_handshake_beyond_the_limit_gets_429() -> None:
    with run_sandbox("--concurrency", "1") as server, server.connect() as socket:
        socket.recv()
        response = server.refused_handshake()
    assert response.status_code == 429
    assert "limit: 1" in json.loads(response.body or b"")["error"]["message"]
