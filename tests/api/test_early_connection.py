"""The connection that is made ahead: taken once, only if it is usable, silent if it fails."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from stepcli.api import early_connection
from stepcli.api.certificates import no_certificates, trusted_certificates
from stepcli.api.client import ApiRequest, Client
from stepcli.api.early_connection import EarlyConnection
from stepcli.api.endpoint import Endpoint
from stepcli.api.http_transport import HTTPTransport
from stepcli.api.realtime import StreamRequest
from stepcli.api.realtime_connection import RealtimeConnection
from stepcli.api.speech import SpeechRequest
from stepcli.base_url import BaseURL
from tests.support.raw_server import Request, handshake_response, listening, read_head

HOST = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(20)
        yield listener


def begun(listener: socket.socket) -> EarlyConnection:
    early = EarlyConnection(BaseURL.parse(f"http://{HOST}:{port_of(listener)}/v1"))
    early.start()
    return early


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def test_connection_is_taken_once_and_nothing_was_sent(listener: socket.socket) -> None:
    early = begun(listener)
    accepted, _ = listener.accept()
    taken = early.take(HOST, port_of(listener))
    assert taken is not None
    assert early.take(HOST, port_of(listener)) is None
    accepted.settimeout(0)
    with pytest.raises(BlockingIOError):
        accepted.recv(1)
    taken.close()
    accepted.close()


def test_connection_to_another_place_is_not_taken(listener: socket.socket) -> None:
    early = begun(listener)
    assert early.take("localhost", port_of(listener)) is None
    assert early.take(HOST, 1) is None
    early.close()


def test_connection_that_the_server_has_closed_is_not_used(listener: socket.socket) -> None:
    early = begun(listener)
    accepted, _ = listener.accept()
    early.wait()
    accepted.close()
    assert early.take(HOST, port_of(listener)) is None


def test_connection_on_which_the_server_speaks_first_is_not_used(listener: socket.socket) -> None:
    early = begun(listener)
    accepted, _ = listener.accept()
    accepted.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert early.take(HOST, port_of(listener)) is None
    accepted.close()


def test_connection_that_was_idle_for_long_is_not_used(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_connection, "IDLE_SECONDS", -1.0)
    assert begun(listener).take(HOST, port_of(listener)) is None


def test_unused_connection_is_closed(listener: socket.socket) -> None:
    early = begun(listener)
    accepted, _ = listener.accept()
    early.close()
    accepted.settimeout(20)
    assert accepted.recv(1) == b""
    accepted.close()


def test_failure_is_silent() -> None:
    with socket.create_server((HOST, 0)) as closed:
        port = port_of(closed)
    early = EarlyConnection(BaseURL.parse(f"http://{HOST}:{port}"))
    early.start()
    assert early.take(HOST, port) is None


def test_service_that_does_not_answer_is_reported_as_a_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The client would otherwise wait for the same time again."""

    def late(_: socket.socket) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(early_connection, "_completed", late)
    with socket.create_server((HOST, 0)) as listener, pytest.raises(TimeoutError):
        begun(listener).take(HOST, port_of(listener))


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def tls(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ssl.SSLContext | None:
    """The context of a server whose certificate is trusted, None for one without encryption."""
    monkeypatch.setattr(early_connection, "_early", None)
    if not request.param:
        return None
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return context


def test_request_uses_the_connection(tls: ssl.SSLContext | None) -> None:
    """TLS included: the server sees one connection."""
    connections = []

    def attend(connection: socket.socket) -> None:
        connections.append(connection)
        for _ in range(2):
            read_head(connection)
            connection.sendall(OK)

    with listening(attend, tls) as port:
        base = BaseURL.parse(f"{'https' if tls else 'http'}://localhost:{port}")
        early_connection.connect_early(base)
        certificates = trusted_certificates() if tls else no_certificates()
        with httpx.Client(transport=HTTPTransport(certificates, None)) as client:
            assert [client.get(f"{base}/").text for _ in range(2)] == ["hi", "hi"]
    assert len(connections) == 1


def test_websocket_uses_the_connection(tls: ssl.SSLContext | None) -> None:
    """TLS included: the server sees one connection."""
    connections = []

    def attend(connection: socket.socket) -> None:
        connections.append(connection)
        head, _ = read_head(connection)
        connection.sendall(handshake_response(Request(head)))
        connection.recv(1)

    with listening(attend, tls) as port:
        base = BaseURL.parse(f"{'https' if tls else 'http'}://localhost:{port}")
        early_connection.connect_early(base)
        RealtimeConnection(Endpoint(base, "key"), StreamRequest(SpeechRequest(text=""))).close()
    assert len(connections) == 1


def test_client_keeps_a_connection_ready_and_opens_no_second_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may be called often, as while speech arrives from a microphone."""
    monkeypatch.setattr(early_connection, "_early", None)
    connections = []

    def attend(connection: socket.socket) -> None:
        connections.append(connection)
        for _ in range(2):
            read_head(connection)
            connection.sendall(OK)

    with listening(attend) as port:
        base = BaseURL.parse(f"http://{HOST}:{port}")
        with Client(Endpoint(base, "key")) as client:
            for _ in range(2):
                client.connect_ahead()
                client.connect_ahead()
                with client.open(ApiRequest("GET", base.url("x"))) as response:
                    assert response.read() == b"hi"
    assert len(connections) == 1


def test_connection_that_was_lost_meanwhile_is_made_again(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_connection, "_early", None)
    monkeypatch.setattr(early_connection, "IDLE_SECONDS", -1.0)
    base = BaseURL.parse(f"http://{HOST}:{port_of(listener)}")
    early_connection.connect_early(base)
    first, _ = listener.accept()
    assert early_connection._early
    early_connection._early.wait()
    early_connection.connect_early(base)
    second, _ = listener.accept()
    assert first.recv(1) == b""
    early_connection.close_early()
    first.close()
    second.close()
