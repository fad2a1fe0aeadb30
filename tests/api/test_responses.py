"""JSON bodies and event streams: bounded, checked, and errors in them reported as such."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from stepcli.api import responses
from stepcli.api.endpoint import Endpoint
from stepcli.api.responses import DONE, events, read_object
from stepcli.base_url import BaseURL
from stepcli.errors import NetworkError, QuotaError

ENDPOINT = Endpoint(BaseURL.parse("https://service.example/step_plan/v1"), "responses-test-key")


def response(body: bytes, kind: str = "application/json") -> httpx.Response:
    request = httpx.Request("POST", ENDPOINT.plan.url("x"))
    headers = {"content-type": kind, "x-trace-id": "trace-1"}
    return httpx.Response(200, headers=headers, content=body, request=request)


def stream(body: bytes, most: int = 100_000) -> list[dict[str, Any]]:
    return list(events(response(body, "text/event-stream"), ENDPOINT, most))


def test_object_is_returned() -> None:
    assert read_object(response(b'{"a": 1}'), ENDPOINT) == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b'{"a": 1', b"\xff"])
def test_other_bodies_are_invalid(body: bytes) -> None:
    with pytest.raises(NetworkError, match="not a JSON object") as caught:
        read_object(response(body), ENDPOINT)
    assert (caught.value.status, caught.value.trace_id) == (200, "trace-1")


def test_endless_body_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "LARGEST", 100)
    with pytest.raises(NetworkError, match="endless"):
        read_object(response(b" " * 101), ENDPOINT)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "no", "type": "quota_exceeded"}},
        {"error": None, "message": "quota exceeded"},
        {"type": "error", "message": "quota exceeded"},
    ],
)
def test_error_in_an_object_is_reported(body: dict[str, object]) -> None:
    with pytest.raises(QuotaError):
        read_object(response(json.dumps(body).encode()), ENDPOINT)


def test_null_error_beside_a_result_is_not_an_error() -> None:
    body: dict[str, object] = {"object": "list", "data": [], "error": None}
    assert read_object(response(json.dumps(body).encode()), ENDPOINT) == body


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_end_at_their_line_ends_only(end: bytes) -> None:
    """U+2028 and U+2029 are text."""
    body = '\ufeff: comment\ndata: {"a": "x\u2028y\u2029"}\n\nevent: z\ndata: {"b": 2}\n\n'
    body += "data: [DONE]\n\n"
    found = stream(body.encode().replace(b"\n", end))
    assert found == [{"a": "x\u2028y\u2029"}, {"b": 2}, {"type": DONE}]


@pytest.mark.parametrize("data", [b"x", b"[1]", b"7", b'{"a": '])
def test_event_that_is_not_an_object_is_invalid(data: bytes) -> None:
    with pytest.raises(NetworkError, match="not JSON"):
        stream(b"data: " + data + b"\n\n")


def test_endless_events_are_cut_off() -> None:
    with pytest.raises(NetworkError, match="endless"):
        stream(b"data: {}\n\n" * 100, most=500)


@pytest.mark.parametrize("kind", ["text/html", "audio/mpeg", ""])
def test_other_media_types_are_not_events(kind: str) -> None:
    with pytest.raises(NetworkError, match="instead of an event stream"):
        list(events(response(b"data: {}\n\n", kind), ENDPOINT, 1000))


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json"])
def test_json_error_in_place_of_events_is_reported(kind: str) -> None:
    body = json.dumps({"error": {"message": "no", "type": "quota_exceeded"}}).encode()
    with pytest.raises(QuotaError):
        list(events(response(body, kind), ENDPOINT, 1000))
