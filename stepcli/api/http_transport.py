"""The sockets below httpx: limits on silence, and refusals that arrive while a request is sent.

httpx limits each read and write. That leaves three cases in which a request would hang or fail
wrongly, which are handled where the bytes are read and written:

- The head of an answer must be complete within the time limit. Informational (1xx) responses or a
  head that arrives byte by byte do not extend it.
- A server may refuse an upload early and stop reading. The answer is read at once.
- Time during which this process was suspended is not silence of the server.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from stepcli.api.network import Proxy
from stepcli.api.time_limit import TimeLimit

_BLOCK = 64 * 1024
_LOOK = 0.25
"""Seconds between two looks for an early answer while the server does not read."""
_MOST_INFORMATIONAL = 256 * 1024
_INFORMATIONAL_BEGINNING = re.compile(rb"HTTP/1\.[01] 1[0-9][0-9]")
_INFORMATIONAL = re.compile(rb"\A(?:HTTP/1\.[01] 1[0-9][0-9].*?\r?\n\r?\n)+", re.DOTALL)


class HTTPTransport(httpx.HTTPTransport):
    """httpx's own transport, over sockets that keep the rules of this module.

    httpx has no parameter for httpcore's network backend, so it is put in place here; should a new
    httpx no longer use it, `tests/api/test_http_transport.py` fails.
    """

    def __init__(self, certificates: ssl.SSLContext, proxy: Proxy | None) -> None:
        super().__init__(
            verify=certificates,
            trust_env=False,
            proxy=_httpx_proxy(proxy, certificates) if proxy else None,
        )
        self._backend = _Backend()
        self._pool._network_backend = self._backend

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._backend.awaiting_head():
            return super().handle_request(request)


def _httpx_proxy(proxy: Proxy, certificates: ssl.SSLContext) -> httpx.Proxy:
    return httpx.Proxy(proxy.url, ssl_context=certificates if proxy.encrypted else None)


class _Exchange(threading.local):
    """What this thread waits for: the head of an answer, and how long that may still take."""

    awaiting_head = False
    limit: TimeLimit | None = None


class _Backend(httpcore.SyncBackend):
    """Connects as httpcore does, and wraps each connection."""

    def __init__(self) -> None:
        self._exchange = _Exchange()

    @contextmanager
    def awaiting_head(self) -> Iterator[None]:
        self._exchange.awaiting_head = True
        try:
            yield
        finally:
            self._exchange.awaiting_head = False
            self._exchange.limit = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._exchange)


class _Stream(httpcore.NetworkStream):
    """One connection. `_early` is what the server sent while a request was being written."""

    def __init__(
        self, inner: httpcore.NetworkStream, exchange: _Exchange, *, nested: bool = False
    ) -> None:
        self._inner = inner
        self._exchange = exchange
        self._early = b""
        # TLS within TLS, to a TLS proxy, has no socket of its own.
        self._socket: socket.socket | None = None if nested else inner.get_extra_info("socket")

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._early:
            early, self._early = self._early, b""
            return early
        limit = self._read_limit(timeout)
        while seconds := limit.next_slice():
            try:
                return self._inner.read(max_bytes, seconds)
            except httpcore.ReadTimeout:
                continue
        raise httpcore.ReadTimeout("timed out")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`; raise WriteError, upon which httpcore reads, once an answer is there."""
        self._exchange.limit = None
        if self._socket is None:
            self._inner.write(buffer, timeout)
            return
        rest, limit = memoryview(buffer), TimeLimit(timeout)
        while rest:
            if self._answered(self._socket):
                raise httpcore.WriteError("the server answered before the request was complete")
            seconds = limit.next_slice()
            if not seconds:
                raise httpcore.WriteTimeout("timed out")
            if sent := _send(self._socket, rest, min(seconds, _LOOK)):
                rest = rest[sent:]
                limit.restart()

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        nested = isinstance(self._socket, ssl.SSLSocket)
        encrypted = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _Stream(encrypted, self._exchange, nested=nested)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self._early:
            return True
        return self._inner.get_extra_info(info)

    def _read_limit(self, timeout: float | None) -> TimeLimit:
        """Return one limit for all reads of a head, and one for each read of a body."""
        if not self._exchange.awaiting_head:
            return TimeLimit(timeout)
        if self._exchange.limit is None:
            self._exchange.limit = TimeLimit(timeout)
        return self._exchange.limit

    def _answered(self, waiting: socket.socket) -> bool:
        """Return whether the server has sent its final answer, or closed the connection."""
        if not self._inner.get_extra_info("is_readable"):
            return False
        waiting.settimeout(0)
        try:
            data = waiting.recv(_BLOCK)
        except (BlockingIOError, ssl.SSLWantReadError):  # a TLS session ticket, for instance
            return False
        except OSError as exc:
            raise httpcore.WriteError(exc) from exc
        if data:
            self._early += data
        return not data or len(self._early) > _MOST_INFORMATIONAL or _is_final(self._early)


def _send(waiting: socket.socket, rest: memoryview, seconds: float) -> int:
    """Return how many bytes of `rest` were sent within `seconds`."""
    waiting.settimeout(seconds)
    try:
        return waiting.send(rest)
    except TimeoutError:
        return 0
    except OSError as exc:
        raise httpcore.WriteError(exc) from exc


def _is_final(received: bytes) -> bool:
    """Return whether more than informational responses was received."""
    rest = _INFORMATIONAL.sub(b"", received)
    return bool(rest) and not _INFORMATIONAL_BEGINNING.match(rest)
