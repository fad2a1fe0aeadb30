"""Proxies: which one is used, what is sent to it, and what is hidden."""

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
from stepcli.api.network import Proxy, proxy_for
from stepcli.api.realtime import StreamRequest
from stepcli.api.realtime_connection import RealtimeConnection
from stepcli.api.speech import SpeechRequest
from stepcli.base_url import BaseURL
from stepcli.errors import AuthError, UsageError
from stepcli.redaction import redact
from tests.support.raw_server import listening, raw_server, read_head

BASE = BaseURL.parse("https://api.stepfun.ai/step_plan/v1")


VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "WSS_PROXY", "SOCKS_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:8080"}, "http://proxy:8080"),
        ({"https_proxy": "proxy:8080"}, "http://proxy:8080"),
        ({"HTTPS_PROXY": "proxy"}, "http://proxy:80"),
        ({"ALL_PROXY": "https://proxy"}, "https://proxy:443"),
        ({"ALL_PROXY": "http://a:1", "HTTPS_PROXY": "http://b:2"}, "http://b:2"),
        ({"HTTPS_PROXY": "HTTP://Proxy:8080/"}, "http://proxy:8080"),
        ({"HTTPS_PROXY": "http://[::1]:8080"}, "http://[::1]:8080"),
        ({"ALL_PROXY": "socks5h://proxy"}, "socks5h://proxy:1080"),
        ({"HTTPS_PROXY": "http://me:p%40ss@proxy:1"}, "http://me:p%40ss@proxy:1"),
        ({"HTTPS_PROXY": "http://me@proxy:1"}, "http://me:@proxy:1"),
        ({"HTTP_PROXY": "http://proxy:1"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "stepfun.ai"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": ".stepfun.ai"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "api.stepfun.ai:443"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "*"}, None),
        ({"ALL_PROXY": "proxy:1", "NO_PROXY": "elsewhere.example"}, "http://proxy:1"),
    ],
)
def test_proxy_settings(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str | None
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_for(BASE)
    assert (proxy.url if proxy else None) == url


def test_plain_http_has_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy:8080")
    assert proxy_for(BaseURL.parse("http://localhost:1/v1")) is None


@pytest.mark.parametrize(
    "text",
    [
        "ftp://me:secret-pass@h", "http://me:secret-pass@h:x", "http://me:secret-pass@",
        "http://me:secret-pass@h/path", "http://me:secret-pass@h:99999", "socks4://me:secret-pass@h",
    ],
)  # fmt: skip
def test_unusable_proxy_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Proxy.parse(text, "HTTPS_PROXY")
    assert "HTTPS_PROXY" in caught.value.message
    assert "secret-pass" not in caught.value.message


def test_credentials_of_a_proxy_are_secret() -> None:
    proxy = Proxy.parse("http://me:horse-battery@proxy:1", "HTTPS_PROXY")
    assert "horse-battery" not in repr(proxy) + redact(proxy.url)
    assert str(proxy) == "http://proxy:1"


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
