"""Requests through a proxy reach the service, with the same certificates for all connections."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import trustme

from stepcli.api.client import ApiRequest, Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.realtime import StreamRequest
from stepcli.api.realtime_connection import RealtimeConnection
from stepcli.api.speech import SpeechRequest
from stepcli.base_url import BaseURL
from stepcli.errors import AuthError
from tests.support.raw_server import listening, raw_server, read_head

KEY = "proxy-test-key-0123456789"
REFUSAL = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
"""An answer that shows, over HTTP and WebSocket alike, that the service was reached."""


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


class Tunnel:
    """A proxy that connects every tunnel to `port`; `heads` are the requests for one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.heads: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        self.heads.append(read_head(connection)[0])
        with socket.create_connection(("127.0.0.1", self._port)) as onward:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=copy, args=(onward, connection))
            back.start()
            copy(connection, onward)
            back.join()


def ask_over_http(endpoint: Endpoint) -> None:
    with (
        Client(endpoint) as client,
        client.open(ApiRequest("GET", endpoint.plan.url("models"))),
    ):
        pass


def ask_over_websocket(endpoint: Endpoint) -> None:
    RealtimeConnection(endpoint, StreamRequest(SpeechRequest("")))


@pytest.mark.parametrize("ask", [ask_over_http, ask_over_websocket], ids=["http", "websocket"])
@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("HTTPS_PROXY", "http://localhost:{}"),
        ("HTTPS_PROXY", "localhost:{}"),
        ("ALL_PROXY", "http://me:p%40ss-word@localhost:{}"),
        ("ALL_PROXY", "https://localhost:{}"),
    ],
)
@pytest.mark.parametrize("certificates", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_service_is_reached_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ask: Callable[[Endpoint], None],
    variable: str,
    address: str,
    certificates: str,
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "service.example").configure_cert(context)
    monkeypatch.setenv(certificates, str(trusted(authority, tmp_path, certificates)))

    with ExitStack() as stack:
        service = stack.enter_context(raw_server(REFUSAL, context))
        tunnel = Tunnel(service.port)
        encrypted = context if address.startswith("https") else None
        port = stack.enter_context(listening(tunnel, encrypted))
        monkeypatch.setenv(variable, address.format(port))
        base = BaseURL.parse("https://service.example/step_plan/v1")
        with pytest.raises(AuthError):
            ask(Endpoint(base, KEY, timeout=10, retries=0))
    assert tunnel.heads[0].startswith(b"CONNECT service.example:443 ")
    assert KEY.encode() not in tunnel.heads[0]
    credentials = b64encode(b"me:p@ss-word") if "@" in address else b"no credentials"
    assert (credentials in tunnel.heads[0]) is ("@" in address)
    assert KEY.encode() in service.requests[0].head


def trusted(authority: trustme.CA, directory: Path, setting: str) -> Path:
    """A file of the authority's certificate, or a directory as `openssl rehash` makes it."""
    file = directory / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    if setting == "SSL_CERT_FILE":
        return file
    subprocess.run(["openssl", "rehash", str(directory)], check=True, capture_output=True)
    return directory
