"""Faults in connections, framing and encodings."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from tests.faults.wire.answers import (
    altered,
    bare,
    chunked_head,
    chunks,
    cut,
    encoded,
    endless,
    raw,
    reset,
    reset_at_once,
    stalled,
    unsized,
    with_headers,
)
from tests.faults.wire.fault import KEY, NETWORK, TIMEOUT, Fault
from tests.support.fake_service import Answer, Http
from tests.support.raw_server import Request


def transport() -> Iterator[Fault]:
    """Connections, framing and encodings."""
    unanswered = {
        "reset": reset_at_once, "closed": raw(b""), "ssh": raw(b"SSH-2.0-OpenSSH_9\r\n"),
        "http-0.9": raw(b"<h1>hello</h1>"), "status-line": raw(b"HTTP/1.1 OK\r\n\r\n"),
        "half-head": raw(b"HTTP/1.1 200 OK\r\nContent-Le"), "100-only": bare("100 Continue"),
        "no-colon": raw(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "nul": raw(b"\0" * 100),
        "nul-header": raw(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"), "tls-alert": raw(b"\x15\x03\x01"),
        "huge-header": altered(with_headers(X_Padding="x" * 300_000)),
        "many-headers": altered(lambda good: replace(good, headers=(("X-A", "b"),) * 40_000)),
        "endless-header": endless(lambda _: b"HTTP/1.1 200 OK\r\nX: ", lambda _: b"x"),
        "minus-length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc"),
        "two-lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nabc"),
        "coding": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nabc"),
    }  # fmt: skip
    for name, http in unanswered.items():
        yield Fault(name, NETWORK, "unanswered", http)
    yield Fault("stall", TIMEOUT, "unanswered", stalled(None), says="silent for")
    for name, http in {
        "100-endless": _dribbled(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "head-dribble": _dribbled(b"X: y\r\n", b"HTTP/1.1 200 OK\r\n"),
    }.items():
        yield Fault(name, TIMEOUT, "unanswered", http, slow=True)
    underway = {
        "cut-0": cut(0), "cut-1": cut(1), "cut-n": cut(1000), "reset-underway": _reset_underway,
        "chunk-garbage": chunks(b"zz\r\nabc\r\n"), "chunk-cut": chunks(b"ff\r\nabc"),
        "chunk-huge": chunks(b"f" * 30 + b"\r\nabc"), "chunk-endless": chunks(b"1" * 200_000),
        "gzip-garbage": encoded("gzip", lambda _: b"this is no gzip"),
        "deflate-garbage": encoded("deflate", lambda _: b"this is no deflate"),
        "gzip-bomb": _bomb,
        "gzip-cut": encoded("gzip", lambda body: _beginning(gzip.compress(body))),
        "gzip-second-cut": encoded("gzip", lambda body: _beginning(_members(body))),
    }  # fmt: skip
    for name, http in underway.items():
        yield Fault(name, NETWORK, "cut", http)
    yield Fault("stall-underway", TIMEOUT, "cut", stalled(40), says="silent for")
    yield Fault("br", NETWORK, http=encoded("br", lambda body: body))
    yield Fault("101", NETWORK, "any", bare("101 Switching Protocols", "Upgrade: x"))
    harmless = {
        "drip": _dripped, "chunked": _chunked, "gzip": encoded("gzip", gzip.compress),
        "gzip-members": encoded("gzip", _members),
        "reason-key": _rewritten(b"200 OK", b"200 " + KEY.encode()),
        "header-key": altered(with_headers(X_Echo=KEY)),
        "deflate": encoded("deflate", zlib.compress),
        "103": _preceded(b"HTTP/1.1 103 Hints\r\n\r\n"),
        "100-continue": _preceded(b"HTTP/1.1 100 Continue\r\n\r\n" * 3),
        "http-1.0": _rewritten(b"HTTP/1.1 200", b"HTTP/1.0 200"),
        "no-length": _rewritten_length, "garbage-after": _followed(b"HTTP/1.1 garbage \xff\0"),
        "cookies": altered(with_headers(Set_Cookie='=;;="\xe4; Expires=never; Port="x"; Domain=.')),
        "reason": _rewritten(b"200 OK", b"200 \x1b[31mred"),
    }  # fmt: skip
    for name, http in harmless.items():
        yield Fault(name, 0, http=http)


def _reset_underway(connection: socket.socket, _request: Request, good: Answer) -> None:
    connection.sendall(good.head() + good.body[: len(good.body) // 2])
    time.sleep(0.05)
    reset(connection)


def _dripped(connection: socket.socket, _request: Request, good: Answer) -> None:
    whole = good.whole
    size = len(whole) // 12 + 1
    for at in range(0, len(whole), size):
        connection.sendall(whole[at : at + size])
        time.sleep(0.06)


def _chunked(connection: socket.socket, _request: Request, good: Answer) -> None:
    connection.sendall(chunked_head(good))
    for at in range(0, len(good.body), 100):
        part = good.body[at : at + 100]
        connection.sendall(f"{len(part):x};name=value\r\n".encode() + part + b"\r\n")
    connection.sendall(b"0\r\nX-Trailer: yes\r\n\r\n")


def _members(body: bytes) -> bytes:
    """Return ``body`` as a gzip file of two members."""
    half = len(body) // 2
    return gzip.compress(body[:half]) + gzip.compress(body[half:])


def _beginning(data: bytes) -> bytes:
    """Return the first two thirds of ``data``, which is more than the first member of two."""
    return data[: len(data) * 2 // 3]


def _dribbled(piece: bytes, head: bytes = b"") -> Http:
    """Send ``piece`` again and again, too often for a silence, until the client disconnects."""

    def act(connection: socket.socket, _request: Request, _good: Answer) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(0.2)

    return act


@cache
def _squeezed(unit: bytes) -> bytes:
    """Return 160 MB compressed to less than one."""
    squeeze = zlib.compressobj(1, wbits=31)
    block = unit * (1 << 20)
    return b"".join(squeeze.compress(block) for _ in range(160 // len(unit))) + squeeze.flush()


def _bomb(connection: socket.socket, _request: Request, good: Answer) -> None:
    unit = b" " if "json" in good.kind else b"\n:" if "event" in good.kind else b"\0"
    bomb = replace(good, body=_squeezed(unit), headers=(("Content-Encoding", "gzip"),))
    connection.sendall(bomb.whole)


def _preceded(data: bytes) -> Http:
    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        connection.sendall(data + good.whole)

    return act


def _followed(data: bytes) -> Http:
    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        connection.sendall(good.whole + data)

    return act


def _rewritten(old: bytes, new: bytes) -> Http:
    def act(connection: socket.socket, _request: Request, good: Answer) -> None:
        connection.sendall(good.whole.replace(old, new, 1))

    return act


def _rewritten_length(connection: socket.socket, _request: Request, good: Answer) -> None:
    connection.sendall(unsized(good) + good.body)
