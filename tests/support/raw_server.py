"""A server on a raw socket, for what no server library would send."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.utils import accept_key

PATIENCE = 30
"""Seconds that a connection may be silent."""


@dataclass(frozen=True)
class Request:
    """A request as it was received; ``head`` ends before the empty line."""

    head: bytes
    body: bytes = b""

    @property
    def method(self) -> str:
        return self.head.decode("latin-1").split(" ")[0]

    @property
    def target(self) -> str:
        """The path and the query."""
        return self.head.decode("latin-1").split(" ")[1]

    @property
    def headers(self) -> dict[str, str]:
        """The headers, with lower-case names."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def __bytes__(self) -> bytes:
        return self.head + b"\r\n\r\n" + self.body


Attend = Callable[[socket.socket], object]
Respond = Callable[[socket.socket, Request], object]


@dataclass
class RawServer:
    """``requests`` has one entry per connection."""

    host: str
    port: int
    is_encrypted: bool
    requests: list[Request] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """The URL without a path."""
        return f"{'https' if self.is_encrypted else 'http'}://{self.host}:{self.port}"

    @property
    def base(self) -> str:
        """The plan base."""
        return f"{self.origin}/step_plan/v1"


@contextmanager
def raw_server(
    response: bytes | Respond, tls: ssl.SSLContext | None = None, *, whole: bool = True
) -> Iterator[RawServer]:
    """Send ``response``, or call it with the connection and the request, for each connection.

    Without ``whole`` only the head of a request is read, and what arrived with it.
    """

    def attend(connection: socket.socket) -> None:
        request = _receive(connection, whole=whole)
        server.requests.append(request)
        if callable(response):
            response(connection, request)
        else:
            connection.sendall(response)

    with listening(attend, tls) as port:
        server = RawServer("localhost" if tls else "127.0.0.1", port, tls is not None)
        yield server


@contextmanager
def listening(attend: Attend, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Call ``attend`` with each connection, in a thread of its own; yield the port."""
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE)
            if tls is None:
                attend(connection)
            else:
                with tls.wrap_socket(connection, server_side=True) as encrypted:
                    attend(encrypted)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for thread in (acceptor, *threads):
                thread.join(5)


def in_turn(*responses: bytes) -> Respond:
    """Return what sends one response a connection, and the last one from then on."""
    left = list(responses)
    return lambda connection, _: connection.sendall(left.pop(0) if len(left) > 1 else left[0])


def read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return a request's head and what was received after it; raise ConnectionError at its end."""
    received = b""
    while b"\r\n\r\n" not in received:
        block = connection.recv(65536)
        if not block:
            raise ConnectionError("the client is gone")
        received += block
        if received.startswith(b"\x16"):  # a TLS handshake
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            raise ConnectionError("the client speaks TLS")
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _receive(connection: socket.socket, *, whole: bool) -> Request:
    head, body = read_head(connection)
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    length = int(found[1]) if found and whole else 0
    while len(body) < length and (block := connection.recv(65536)):
        body += block
    return Request(head, body)


def http(body: bytes, *, kind: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return an HTTP response; ``length`` may differ from the length of the body."""
    reported = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {reported}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def service_error(status: str, type: str) -> bytes:
    """Return an error response in the format of the service."""
    body = json.dumps({"error": {"message": "the reason", "type": type}})
    return http(body.encode(), kind="application/json", status=status)


def handshake_response(request: Request) -> bytes:
    """Return the response that accepts a WebSocket handshake."""
    key = accept_key(request.headers["sec-websocket-key"])
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return f"{head}Sec-WebSocket-Accept: {key}\r\n\r\n".encode()
