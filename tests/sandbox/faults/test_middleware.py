"""Which requests a fault applies to, and responses that it replaces."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.client import SandboxClient


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


def test_status_replaces_the_websocket_handshake(server: SandboxClient) -> None:
    server.fault("realtime:1:503,retry-after=2")
    refusal = server.refused_handshake()
    assert (refusal.status_code, refusal.headers["Retry-After"]) == (503, "2")
