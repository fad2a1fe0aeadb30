"""``stepcli.api.transport_errors``: HTTP and the WebSocket fail in the same words."""

from __future__ import annotations

import socket
import ssl

import httpx
import pytest
from websockets.exceptions import InvalidHandshake, InvalidMessage, ProxyError

from stepcli.api.endpoint import Endpoint
from stepcli.api.hints import CERTIFICATE_HINT
from stepcli.api.service_errors import SessionLost
from stepcli.api.transport_errors import error_for_handshake, error_for_transport
from stepcli.base_url import BaseURL
from stepcli.errors import StepcliError

ENDPOINT = Endpoint(
    BaseURL.parse("https://service.example/step_plan/v1"), "transport-errors-test-key"
)


def plain(failure: StepcliError | SessionLost) -> StepcliError:
    return failure.failure if isinstance(failure, SessionLost) else failure


REFUSED = ConnectionRefusedError(111, "Connection refused")
UNKNOWN_NAME = socket.gaierror(-2, "Name or service not known")
UNTRUSTED = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] no")


@pytest.mark.parametrize(
    ("http", "websocket"),
    [
        (httpx.ConnectTimeout("x"), TimeoutError()),
        (httpx.ConnectError(str(REFUSED)), REFUSED),
        (httpx.ConnectError(str(UNKNOWN_NAME)), UNKNOWN_NAME),
        (httpx.ConnectError(str(UNTRUSTED)), UNTRUSTED),
        (httpx.ProxyError("403 Forbidden"), ProxyError("403 Forbidden")),
        (httpx.RemoteProtocolError("Server disconnected"), InvalidMessage("x")),
    ],
    ids=["timeout", "refused", "name", "untrusted", "proxy", "disconnected"],
)
def test_http_and_websocket_report_the_same(
    http: httpx.TransportError, websocket: Exception
) -> None:
    over_http = error_for_transport(http, ENDPOINT.host, ENDPOINT.timeout)
    over_websocket = plain(error_for_handshake(websocket, ENDPOINT))
    assert type(over_http) is type(over_websocket)
    assert (over_http.message, over_http.hint) == (over_websocket.message, over_websocket.hint)


def test_untrusted_certificate_has_the_advice_of_doctor() -> None:
    assert plain(error_for_handshake(UNTRUSTED, ENDPOINT)).hint == CERTIFICATE_HINT
    assert plain(error_for_handshake(REFUSED, ENDPOINT)).hint != CERTIFICATE_HINT


def test_untrusted_certificate_is_never_retried() -> None:
    assert not isinstance(error_for_handshake(UNTRUSTED, ENDPOINT), SessionLost)
    assert not isinstance(error_for_handshake(InvalidHandshake("x"), ENDPOINT), SessionLost)
    assert isinstance(error_for_handshake(REFUSED, ENDPOINT), SessionLost)
