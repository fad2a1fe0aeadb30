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
import select
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import httpcore
import httpx

from stepcli.api.early_connection import IDLE_SECONDS, take_early
from stepcli.api.network import Proxy
from stepcli.api.time_limit import TimeLimit

_BLOCK = 64 * 1024
_LOOK = 0.25
"""Seconds between two looks for an early answer while the server does not read."""
_DRAIN_SECONDS = 0.25
_MOST_DRAINED = 64 * 1024
_MOST_INFORMATIONAL = 256 * 1024
_INFORMATIONAL_BEGINNING = re.compile(rb"HTTP/1\.[01] 1[0-9][0-9]")
_INFORMATIONAL = re.compile(rb"\A(?:HTTP/1\.[01] 1[0-9][0-9].*?\r?\n\r?\n)+", re.DOTALL)


class HTTPTransport(httpx.BaseTransport):
    """Sends requests over a pool of connections that keep the rules of this module.

    httpx's own transport has no parameter for the network backend of its pool. Raise ImportError
    for a SOCKS proxy if the library for it is missing.
    """

    def __init__(self, certificates: ssl.SSLContext, proxy: Proxy | None) -> None:
        self._backend = _Backend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=certificates,
            proxy=_httpcore_proxy(proxy, certificates) if proxy else None,
            max_connections=None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _httpx_errors(), self._backend.limiting_reads():
            received = self._pool.handle_request(sent)
        return httpx.Response(
            received.status,
            headers=received.headers,
            stream=_Body(received, self._backend),
            extensions=received.extensions,
        )

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection that takes the next request, or may soon do so."""
        return not all(one.is_closed() or one.has_expired() for one in self._pool.connections)

    def close(self) -> None:
        self._pool.close()


def _httpcore_proxy(proxy: Proxy, certificates: ssl.SSLContext) -> httpcore.Proxy:
    if proxy.scheme.startswith("socks"):
        import_module("socksio")  # reports that it is missing before a request is made
    auth = (proxy.username, proxy.password) if proxy.username else None
    return httpcore.Proxy(
        str(proxy), auth=auth, ssl_context=certificates if proxy.encrypted else None
    )


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """Raise the errors of httpcore as those of httpx, which have the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as exc:
        raise getattr(httpx, type(exc).__name__)(str(exc)) from exc


class _Body(httpx.SyncByteStream):
    """The body of a response. Closing it reads a little further, up to its end.

    The reader of an event stream stops at the last event, and a connection is only reused after the
    end of the body, which follows at once.
    """

    def __init__(self, response: httpcore.Response, backend: _Backend) -> None:
        assert isinstance(response.stream, Iterable)
        self._response = response
        self._backend = backend
        self._blocks = iter(response.stream)
        self._is_complete = False

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors():
            while block := next(self._blocks, b""):
                yield block
            self._is_complete = True

    def close(self) -> None:
        with _httpx_errors():
            if not self._is_complete and self._is_event_stream:
                self._drain()
            self._response.close()

    @property
    def _is_event_stream(self) -> bool:
        kinds = (value for name, value in self._response.headers if name.lower() == b"content-type")
        return next(kinds, b"").startswith(b"text/event-stream")

    def _drain(self) -> None:
        left = _MOST_DRAINED
        with self._backend.limiting_reads(_DRAIN_SECONDS), suppress(Exception):
            while left > 0 and (block := next(self._blocks, b"")):
                left -= len(block)


class _Exchange(threading.local):
    """One limit for all reads of this thread, instead of one for each."""

    limits_all_reads = False
    limit: TimeLimit | None = None


class _Backend(httpcore.SyncBackend):
    """Connects as httpcore does, or takes the early connection, and wraps each connection."""

    def __init__(self) -> None:
        self._exchange = _Exchange()

    @contextmanager
    def limiting_reads(self, seconds: float | None = None) -> Iterator[None]:
        """Limit all reads of this thread together, to `seconds` or to the timeout of the first."""
        self._exchange.limits_all_reads = True
        self._exchange.limit = None if seconds is None else TimeLimit(seconds)
        try:
            yield
        finally:
            self._exchange.limits_all_reads = False
            self._exchange.limit = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream: httpcore.NetworkStream
        try:
            early = take_early(host, port)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(exc) from exc
        if early:
            stream = _EstablishedStream(early)
        else:
            stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._exchange)


class _EstablishedStream(httpcore.NetworkStream):
    """A connection that was made already, TLS included."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(timeout)
        try:
            return self._socket.recv(max_bytes)
        except TimeoutError as exc:
            raise httpcore.ReadTimeout(exc) from exc
        except OSError as exc:
            raise httpcore.ReadError(exc) from exc

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            rest = rest[_send(self._socket, rest, timeout) :]

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 - the one that the connection was made with
        server_hostname: str | None = None,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "socket":
                return self._socket
            case "ssl_object":
                return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
            case "is_readable":
                return self._is_readable()
        return None

    def _is_readable(self) -> bool:
        """Return whether there is something to read, or the end: another thread may close it."""
        try:
            return bool(select.select((self._socket,), (), (), 0)[0])
        except (OSError, ValueError):
            return True


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
        if encrypted is self._inner:
            return self
        return _Stream(encrypted, self._exchange, nested=nested)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self._early:
            return True
        return self._inner.get_extra_info(info)

    def _read_limit(self, timeout: float | None) -> TimeLimit:
        """Return one limit for all reads of a head, and one for each read of a body."""
        if not self._exchange.limits_all_reads:
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


def _send(waiting: socket.socket, rest: memoryview, seconds: float | None) -> int:
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
