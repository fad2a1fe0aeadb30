"""The sockets below httpx: deadlines for the head of a response, and refusals during an upload."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import repeat

import httpcore
import httpx
import pytest
import trustme

from stepcli.api import http_transport
from stepcli.api.certificates import no_certificates
from stepcli.api.http_transport import HTTPTransport
from stepcli.api.time_limit import TimeLimit
from tests.support.raw_server import listening, read_head

Behaviour = Callable[[socket.socket], object]


@contextmanager
def server(behave: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The URL of a server that does as `behave` says with one connection."""
    finished = threading.Event()

    def attend(connection: socket.socket) -> None:
        behave(connection)
        finished.wait(20)

    with listening(attend, context) as port:
        try:
            yield f"{'https' if context else 'http'}://localhost:{port}/"
        finally:
            finished.set()


@contextmanager
def client(timeout: float, certificates: ssl.SSLContext | None = None) -> Iterator[httpx.Client]:
    transport = HTTPTransport(certificates or no_certificates(), None)
    with httpx.Client(transport=transport, timeout=timeout, trust_env=False) as made:
        yield made


def endlessly(data: bytes, before: bytes = b"") -> Behaviour:
    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(before)
        while True:  # until the client closes the connection
            connection.sendall(data)
            threading.Event().wait(0.02)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        endlessly(b"HTTP/1.1 102 Processing\r\n\r\n"),
        endlessly(b"HTTP/1.1 100 Continue\r\n\r\n"),
        endlessly(b"X: y\r\n", b"HTTP/1.1 200 OK\r\n"),
        endlessly(b"x", b"HTTP/1.1 200 OK\r\nX: "),
        read_head,
    ],
)
def test_head_of_a_response_must_be_complete_in_time(behave: Behaviour) -> None:
    with server(behave) as url, client(0.3) as http, pytest.raises(httpx.ReadTimeout):
        http.get(url)


def test_body_may_take_longer_than_the_timeout() -> None:
    """The timeout limits silence there, not the whole."""

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n")
        for _ in range(20):
            threading.Event().wait(0.05)
            connection.sendall(b"x")

    with server(behave) as url, client(0.5) as http:
        assert http.get(url).content == b"x" * 20


def authority() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and a client's that trusts it."""
    made = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("localhost").configure_cert(serving)
    trusting = ssl.create_default_context()
    made.configure_trust(trusting)
    return serving, trusting


REFUSAL = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"


def refuses(before: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(before)
        connection.sendall(REFUSAL)  # and reads nothing more

    return behave


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_refusal_during_an_upload_is_read_at_once(before: bytes, encrypted: bool) -> None:
    """Long before the timeout, although the server takes nothing more of the body."""
    serving, trusting = authority() if encrypted else (None, None)
    with server(refuses(before), serving) as url, client(600, trusting) as http:
        response = http.post(
            url, content=repeat(bytes(65536), 2000), headers={"Content-Length": str(2000 << 16)}
        )
    assert (response.status_code, response.text) == (401, "no")


def test_informational_response_does_not_end_an_upload() -> None:
    def behave(connection: socket.socket) -> None:
        received = bytearray(read_head(connection)[1])
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(received) < 100 << 16:
            received.extend(connection.recv(1 << 16) or bytes(100 << 16))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with server(behave) as url, client(20) as http:
        length = {"Content-Length": str(100 << 16)}
        assert http.post(url, content=repeat(bytes(65536), 100), headers=length).status_code == 200


def test_untrusted_certificate_is_refused() -> None:
    serving, _ = authority()
    with (
        server(lambda _: None, serving) as url,
        client(5) as http,
        pytest.raises(httpx.ConnectError),
    ):
        http.get(url)


class SuspendedStream(httpcore.NetworkStream):
    """A connection whose first read is interrupted by ten minutes of suspension."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reads = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.reads += 1
        self.now += 600 if self.reads == 1 else timeout or 0
        if self.reads < 4:
            raise httpcore.ReadTimeout
        return b"x" * max_bytes

    def get_extra_info(self, info: str) -> object:  # noqa: ARG002
        return None


def test_suspension_during_a_read_is_not_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = SuspendedStream()
    monkeypatch.setattr(
        http_transport, "TimeLimit", lambda seconds: TimeLimit(seconds, lambda: inner.now)
    )
    stream = http_transport._Stream(inner, http_transport._Exchange())
    assert stream.read(3, 5.0) == b"xxx"
    assert inner.reads == 4


EVENT_STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"10\r\ndata: [DONE]\r\n\r\n\r\n"
)


def test_connection_of_an_event_stream_is_used_again() -> None:
    """Its reader stops at the last event; what follows is the end of the body."""
    heads = []

    def behave(connection: socket.socket) -> None:
        for _ in range(3):
            heads.append(read_head(connection))
            connection.sendall(EVENT_STREAM)
            connection.sendall(b"0\r\n\r\n")

    with server(behave) as url, client(20) as http:
        for _ in range(3):
            with http.stream("GET", url) as response:
                assert next(response.iter_bytes()).startswith(b"data")
    assert len(heads) == 3


@pytest.mark.parametrize("rest", [[], repeat(b"5\r\n: ok\n\r\n")])
def test_event_stream_that_does_not_end_is_closed_soon(
    rest: Iterable[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_transport, "_DRAIN_SECONDS", 0.05)
    closed = threading.Event()

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(EVENT_STREAM)
        try:
            for block in rest:
                connection.sendall(block)
            connection.recv(1)
        finally:
            closed.set()

    with server(behave) as url, client(20) as http:
        with http.stream("GET", url) as response:
            assert next(response.iter_bytes())
        assert closed.wait(20)


def test_connection_that_another_thread_has_closed_is_lost() -> None:
    """The main thread asks for it while a worker's request fails."""
    ours, theirs = socket.socketpair()
    stream = http_transport._EstablishedStream(ours)
    assert not stream.get_extra_info("is_readable")
    ours.close()
    assert stream.get_extra_info("is_readable")
    theirs.close()
