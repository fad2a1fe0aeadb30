"""A server that answers every connection with prepared bytes, which no real server would send."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], object]


@dataclass
class Scripted:
    """``requests`` are the bytes received, one entry per connection."""

    base: str
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def scripted(answer: Answer, *, whole: bool = True) -> Iterator[Scripted]:
    """Call ``answer`` with the socket of each connection once a request was read.

    Without ``whole`` only the head of a request is read, and what arrived with it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Scripted(f"http://127.0.0.1:{listener.getsockname()[1]}/step_plan/v1")
        thread = threading.Thread(
            target=_serve, args=(listener, server, answer, whole), daemon=True
        )
        thread.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(5)


def _serve(listener: socket.socket, server: Scripted, answer: Answer, whole: bool) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            connection.settimeout(20)
            server.requests.append(_request(connection, whole))
            answer(connection)


def _request(connection: socket.socket, whole: bool) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        block = connection.recv(65536)
        if not block:
            return received
        received += block
    head, _, body = received.partition(b"\r\n\r\n")
    length = _content_length(head) if whole else 0
    while len(body) < length and (block := connection.recv(65536)):
        body += block
    return head + b"\r\n\r\n" + body


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def path_of(request: bytes) -> str:
    """Return the path of a received request."""
    return request.split(b" ")[1].decode()


def service_error(status: str, type: str) -> bytes:
    """Return an error response in the format of the service."""
    body = json.dumps({"error": {"message": "the reason", "type": type}})
    return http(body.encode(), kind="application/json", status=status)


def http(body: bytes, *, kind: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return an HTTP response; ``length`` may differ from the length of the body."""
    reported = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {reported}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
