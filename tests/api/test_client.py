"""The HTTP client: what is sent, what is retried and when, and what the log shows."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import httpx
import pytest

from stepcli.api.client import ApiRequest, Client, StreamedBody
from stepcli.api.endpoint import Endpoint
from stepcli.api.retry import BILLED, IDEMPOTENT, ONCE, RequestLimit, RetryPolicy
from stepcli.base_url import BaseURL
from stepcli.errors import (
    AuthError,
    NetworkError,
    QuotaError,
    ServiceTimeoutError,
    StepcliError,
)
from tests.support.raw_server import Request, http, in_turn, raw_server

KEY = "client-test-key-0123456789"
GOOD = http(b"{}", kind="application/json")


def refusal(status: str, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode()


class Waits:
    """The waits of a client, which do not take any time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> bool:
        if seconds:
            self.seconds.append(seconds)
        return True


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    recorded = Waits()
    monkeypatch.setattr(RequestLimit, "wait", lambda _limit, seconds: recorded(seconds))
    return recorded


def outcome(
    *answers: bytes, retry: RetryPolicy = BILLED, retries: int = 3, **more: Any
) -> tuple[StepcliError | None, int]:
    """The error after these answers, the last of them repeated, and the number of requests."""
    with (
        raw_server(in_turn(*answers)) as server,
        Client(Endpoint(BaseURL.parse(server.base), KEY, 5, retries)) as client,
    ):
        url = client.endpoint.plan.url("audio/speech")
        try:
            with client.open(ApiRequest("POST", url, json={}, retry=retry, **more)) as response:
                response.read()
        except StepcliError as failure:
            return failure, len(server.requests)
        return None, len(server.requests)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_transient_failures_are_retried(waits: Waits, status: int) -> None:
    assert outcome(refusal(f"{status} No"), GOOD) == (None, 2)
    failure, requests = outcome(refusal(f"{status} No"))
    assert failure is not None
    assert failure.status == status
    assert requests == 4
    assert len(waits.seconds) >= 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422, 451, 501, 206])
def test_other_failures_are_not_retried(waits: Waits, status: int) -> None:
    failure, requests = outcome(refusal(f"{status} No"))
    assert failure is not None
    assert (failure.status, requests) == (status, 1)
    assert waits.seconds == []


def test_request_that_is_sent_once_is_never_retried() -> None:
    failure, requests = outcome(refusal("429 No"), retry=ONCE)
    assert isinstance(failure, QuotaError)
    assert failure.not_processed
    assert requests == 1


@pytest.mark.parametrize("seconds", ["7", "33", "120"])
def test_retry_after_is_waited_for(waits: Waits, seconds: str) -> None:
    assert outcome(refusal("503 No", f"Retry-After: {seconds}"), GOOD) == (None, 2)
    assert waits.seconds == [float(seconds)]


def test_cancelled_request_ends_with_its_refusal() -> None:
    """It does not wait for the minute that the service asks for."""
    limit = RequestLimit()
    with (
        raw_server(in_turn(refusal("429 No", "Retry-After: 60"))) as server,
        Client(
            Endpoint(BaseURL.parse(server.base), KEY, 5, 3), lambda _: limit.cancel(), limit
        ) as client,
        pytest.raises(QuotaError),
        client.open(ApiRequest("POST", client.endpoint.plan.url("audio/speech"), json={})),
    ):
        pass
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "kind"), [("429 No", QuotaError), ("503 No", NetworkError)])
def test_long_retry_after_ends_the_run_and_is_named(
    waits: Waits, status: str, kind: type[StepcliError]
) -> None:
    failure, requests = outcome(refusal(status, "Retry-After: 3600"))
    assert type(failure) is kind
    assert "asks to wait 3600 s" in failure.message
    assert requests == 1
    assert waits.seconds == []


def test_unanswered_request_is_repeated_only_if_idempotent() -> None:
    failure, requests = outcome(b"", retry=IDEMPOTENT, retries=1)
    assert isinstance(failure, NetworkError)
    assert requests == 2
    failure, requests = outcome(b"", retry=BILLED, retries=1)
    assert isinstance(failure, NetworkError)
    assert not failure.not_processed
    assert requests == 1


def test_redirect_is_an_error() -> None:
    failure, requests = outcome(refusal("307 Elsewhere", "Location: http://127.0.0.1:1/"))
    assert isinstance(failure, NetworkError)
    assert "refusing to send the API key" in failure.message
    assert requests == 1


@pytest.mark.parametrize(("status", "kind"), [("401 No", AuthError), ("402 No", QuotaError)])
def test_refusal_before_the_upload_ends_has_its_own_error(
    status: str, kind: type[StepcliError]
) -> None:
    body = StreamedBody(100 << 20, lambda: repeat(bytes(1 << 20), 100))
    finished = threading.Event()

    def behave(connection: socket.socket, _: Request) -> None:
        connection.sendall(refusal(status))
        finished.wait(20)  # and reads nothing more

    with (
        raw_server(behave, whole=False) as server,
        Client(Endpoint(BaseURL.parse(server.base), KEY, 600, 0)) as client,
    ):
        upload = ApiRequest("POST", client.endpoint.plan.url("x"), upload=body)
        with pytest.raises(kind) as caught, client.open(upload):
            pass
        finished.set()
    assert caught.value.status == int(status[:3])


def test_only_the_beginning_of_an_upload_is_produced_before_the_connection() -> None:
    """All of a short recording, and little of a long one."""
    produced: list[bytes] = []

    def endless() -> Iterator[bytes]:
        for block in repeat(bytes(1 << 16)):
            produced.append(block)
            yield block

    with Client(Endpoint(BaseURL.parse("http://127.0.0.1:1"), KEY, 60, 0)) as client:
        body = StreamedBody(1 << 40, endless)
        upload = ApiRequest("POST", client.endpoint.plan.url("x"), upload=body)
        with pytest.raises(NetworkError), client.open(upload):
            pass
    assert len(produced) == 2


def test_silence_is_a_timeout() -> None:
    with (
        raw_server(lambda connection, _: connection.recv(1)) as server,
        Client(Endpoint(BaseURL.parse(server.base), KEY, 0.2, 0)) as client,
        pytest.raises(ServiceTimeoutError, match=r"silent for 0\.2 s"),
        client.open(ApiRequest("GET", client.endpoint.plan.url("x"))),
    ):
        pass


def test_log_has_all_headers(caplog: pytest.LogCaptureFixture) -> None:
    """Redaction is the business of what writes the log."""
    with caplog.at_level(logging.DEBUG, "stepcli.wire"):
        outcome(GOOD)
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("> POST http://127.0.0.1:") for line in lines)
    assert f"> authorization: Bearer {KEY}" in lines
    assert "< 200 OK" in lines


def test_untrusted_certificate_is_not_retried(
    waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    client = Client(Endpoint(BaseURL.parse("https://127.0.0.1/v1"), "key", timeout=5, retries=3))

    def refuse(*_: object, **__: object) -> None:
        raise error

    request = ApiRequest("GET", "https://127.0.0.1/v1/models", retry=IDEMPOTENT)
    with client:
        monkeypatch.setattr(client._http, "send", refuse)
        with pytest.raises(NetworkError, match="certificate"), client.open(request):
            pass
    assert waits.seconds == []
