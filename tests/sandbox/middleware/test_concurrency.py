"""The limit of concurrent requests."""

from __future__ import annotations

import json
from contextlib import ExitStack

from tests.sandbox.server import run_sandbox


def test_requests_beyond_the_limit_get_429_until_one_ends() -> None:
    with run_sandbox(concurrency=2) as server:
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
    with run_sandbox(concurrency=1) as server, server.connect() as socket:
        socket.recv()
        response = server.refused_handshake()
    assert response.status_code == 429
    assert "limit: 1" in json.loads(response.body or b"")["error"]["message"]
