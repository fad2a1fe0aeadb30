"""Invalid HTTP responses, as bytes."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from tests.support.fake_service import Answer, Http
from tests.support.raw_server import Request


def raw(data: bytes) -> Http:
    """Return these bytes, followed by a regular end of the connection."""

    def act(connection: socket.socket, _request: Request, _good: Answer) -> None:
        connection.sendall(data)

    return act


def altered(change: Callable[[Answer], Answer]) -> Http:
    """Return the valid response after a change."""

    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        connection.sendall(change(good).whole)

    return act


def status(line: str, body: bytes | None = None, **headers: str) -> Http:
    """Return an error with that status line."""
    reported = {"error": {"message": f"this is {line}", "type": "request_params_invalid"}}
    body = json.dumps(reported).encode() if body is None else body
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return raw(Answer(body, status=line, headers=(("Retry-After", "0"), *named)).whole)


def bare(line: str, *headers: str) -> Http:
    """Return a response that has no body by definition."""
    return raw("\r\n".join([f"HTTP/1.1 {line}", *headers, "Connection: close", "", ""]).encode())


def with_headers(**headers: str) -> Callable[[Answer], Answer]:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda good: replace(good, headers=named)


def encoded(name: str, encode: Callable[[bytes], bytes]) -> Http:
    """Return the valid body in a content encoding."""
    return altered(
        lambda good: replace(good, body=encode(good.body), headers=(("Content-Encoding", name),))
    )


def cut(size: int) -> Http:
    """Close the connection after so many bytes of an announced body."""

    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        connection.sendall(good.head() + good.body[: min(size, len(good.body) - 1)])

    return act


def stalled(size: int | None) -> Http:
    """Send nothing after so many bytes of the body; None is before the response."""

    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        if size is not None:
            connection.sendall(good.head() + good.body[:size])
        until_gone(connection)

    return act


def chunks(data: bytes) -> Http:
    """Return these bytes in place of chunks."""

    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        connection.sendall(chunked_head(good) + data)

    return act


def chunked_head(good: Answer) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {good.kind}\r\nTransfer-Encoding: chunked\r\n"
    return f"{head}X-Trace-Id: trace-1\r\n\r\n".encode()


def endless(head: Callable[[Answer], bytes], block: Callable[[Answer], bytes]) -> Http:
    """Send the same block until the client disconnects."""

    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        connection.sendall(head(good))
        data = block(good)
        data *= 1 + (1 << 20) // len(data)
        while True:
            connection.sendall(data)

    return act


def unsized(good: Answer) -> bytes:
    return re.sub(rb"Content-Length: \d+\r\n", b"", good.head())


def stream(body: bytes) -> Http:
    return raw(unsized(Answer(b"", "text/event-stream")) + body)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reset_at_once(connection: socket.socket, _request: Request, _good: Answer) -> None:
    reset(connection)


def until_gone(connection: socket.socket) -> None:
    """Send nothing until the client disconnects."""
    with suppress(OSError):
        while connection.recv(4096):
            pass
