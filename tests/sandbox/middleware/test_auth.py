"""The API key, and latency."""

from __future__ import annotations

import httpx

from tests.sandbox.server import SandboxServer, run_sandbox


def test_latency_and_pace_delay_the_response_without_changing_it(server: SandboxServer) -> None:
    with run_sandbox(latency=0.3, pace=4) as slow:
        result = slow.speak("Hello there", response_format="pcm")
        assert result.content == server.speak("Hello there", response_format="pcm").content
        length = len(result.content) / 2 / 24000
        assert slow.log("speech")[0]["seconds"] > 0.3 + (length - 0.1) / 4 - 0.02
        assert slow.api.get(f"{slow.open}/models").elapsed.total_seconds() > 0.3


def test_missing_and_wrong_keys_get_401_and_are_logged(server: SandboxServer) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic sandbox"}):
        response = httpx.get(f"{server.open}/models", headers=headers)
        assert response.status_code == 401
        assert response.json()["error"]["type"] == "invalid_api_key"
        assert response.headers["x-trace-id"]
    assert [each["status"] for each in server.log("models")] == [401] * 3


def test_forwarding_headers_are_ignored(server: SandboxServer) -> None:
    headers = dict(server.api.headers) | {"X-Forwarded-For": "192.0.2.7"}
    assert httpx.get(f"{server.open}/models", headers=headers).status_code == 200
    assert httpx.get(f"{server.root}/_sandbox/faults", headers=headers).status_code == 200
