"""The check of the key, and of the steps of a connection."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import pytest
import trustme

from stepcli.api.client import Client
from stepcli.api.diagnostics import KeyCheck, check_key, connect, look_up
from stepcli.api.endpoint import Endpoint
from stepcli.base_url import BaseURL
from stepcli.errors import AuthError, NetworkError, UsageError
from tests.support.raw_server import http, raw_server, service_error

PLAN, OPEN = "/step_plan/v1/models", "/v1/models"

MODELS = http(b'{"object": "list", "data": []}', kind="application/json")
PLAIN_404 = http(b"404 page not found", kind="text/plain", status="404 Not Found")
HTML_404 = http(b"<html>no</html>", kind="text/html", status="404 Not Found")


def ask(answers: Mapping[str, bytes], *, base: str = "/step_plan/v1") -> tuple[KeyCheck, list[str]]:
    """Check a key with a service that has `answers` by path; return the requested paths too."""
    with raw_server(lambda each, request: each.sendall(answers[request.target])) as server:
        url = BaseURL.parse(server.base.replace("/step_plan/v1", base))
        try:
            with Client(Endpoint(url, "key", retries=0)) as client:
                return check_key(client), [one.target for one in server.requests]
        finally:
            assert not any(b"accounts" in bytes(request) for request in server.requests)


def test_plan_base_is_enough() -> None:
    check, paths = ask({PLAN: MODELS})
    assert (check.reservation, paths) == (None, [PLAN])


@pytest.mark.parametrize(
    "absent", [PLAIN_404, HTML_404, service_error("404 Not Found", "not_found")]
)
def test_open_base_is_asked_if_the_plan_base_does_not_route_the_request(absent: bytes) -> None:
    check, paths = ask({PLAN: absent, OPEN: MODELS})
    assert (check.reservation, paths) == (None, [PLAN, OPEN])


def test_open_base_is_asked_once_if_it_is_the_base() -> None:
    check, paths = ask({OPEN: MODELS}, base="/v1")
    assert (check.reservation, paths) == (None, [OPEN])
    with pytest.raises(UsageError):
        ask({OPEN: PLAIN_404}, base="/v1")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (service_error("401 Unauthorized", "invalid_api_key"), AuthError),
        (service_error("403 Forbidden", "forbidden"), AuthError),
        (service_error("500 Internal Server Error", "server_error"), NetworkError),
        (http(b"welcome", kind="text/html"), NetworkError),
    ],
)
def test_other_failures_of_the_plan_base_are_final(answer: bytes, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        ask({PLAN: answer})


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (service_error("402 Payment Required", "quota_exceeded"), 402),
        (service_error("400 Bad Request", "request_params_invalid"), 400),
        (service_error("429 Too Many Requests", "rate_limited"), 429),
    ],
)
def test_refusal_for_another_reason_accepts_the_key(answer: bytes, status: int) -> None:
    for answers in ({PLAN: answer}, {PLAN: PLAIN_404, OPEN: answer}):
        check, _ = ask(answers)
        assert check.reservation is not None
        assert check.reservation.status == status


def test_no_base_routes_the_request() -> None:
    with pytest.raises(UsageError):
        ask({PLAN: PLAIN_404, OPEN: PLAIN_404})


def test_host_without_addresses_is_an_error() -> None:
    assert look_up(BaseURL("http", "127.0.0.1", 1, "")) == ["127.0.0.1"]
    with pytest.raises(NetworkError, match="no address"):
        look_up(BaseURL("https", "no-such-host.invalid", 1, ""))


def test_untrusted_certificate_is_the_reason() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with raw_server(b"", context) as server, pytest.raises(NetworkError, match="not trusted"):
        connect(BaseURL.parse(server.base))
