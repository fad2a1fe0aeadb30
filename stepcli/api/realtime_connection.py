"""A realtime session over a WebSocket: opens it, passes frames, maps failures."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import CloseCode
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect

from stepcli import __version__
from stepcli.api import service_errors, transport_errors
from stepcli.api.certificates import trusted_certificates
from stepcli.api.early_connection import take_early
from stepcli.api.endpoint import Endpoint
from stepcli.api.last_frame import LastFrameFilter
from stepcli.api.network import proxy_for
from stepcli.api.realtime import (
    Connected,
    Created,
    Event,
    RealtimeProtocol,
    SessionFailed,
    StreamRequest,
    url_of,
)
from stepcli.api.service_errors import shown
from stepcli.api.time_limit import TimeLimit
from stepcli.api.traffic import log_frame, traffic
from stepcli.errors import NetworkError, ServiceTimeoutError, UnknownVoiceError
from stepcli.settings import CONNECT_TIMEOUT, POLL_SECONDS

LARGEST_FRAME = 64 * 1024 * 1024
"""Bytes of a frame, and of a message in fragments, that is held in memory."""

_CLOSE_TIMEOUT = 1.0
_PING_INTERVAL = 20.0


@contextmanager
def open_session(endpoint: Endpoint, request: StreamRequest) -> Iterator[RealtimeConnection]:
    """Yield a session that is ready for text, and close it afterwards.

    Raise SessionLost if another attempt may succeed, otherwise an error of `stepcli.errors`.
    """
    connection = RealtimeConnection(endpoint, request)
    try:
        connection.begin()
        yield connection
    finally:
        connection.close()


class RealtimeConnection:
    """An open session. One thread may receive while another sends; `close` ends both."""

    def __init__(self, endpoint: Endpoint, request: StreamRequest) -> None:
        self._endpoint = endpoint
        self._speech = request.speech
        self._protocol = RealtimeProtocol(request)
        traffic.request(request.speech.model)
        self._socket = _connected(endpoint, request.speech.model)

    @property
    def session_id(self) -> str | None:
        """The service's identifier for support, fit for display."""
        return shown(self._protocol.session_id or "") or None

    def begin(self) -> None:
        """Create the session. Raise ServiceTimeoutError if the service does not answer."""
        self._await(Connected)
        self._send(self._protocol.create())
        self._await(Created)

    def say(self, text: str) -> None:
        """Send `text`, at most LONGEST_DELTA characters. Raise SessionLost if that fails."""
        self._send(self._protocol.text(text))

    def flush(self) -> None:
        """Have the buffered text spoken. Raise SessionLost if that fails."""
        self._send(self._protocol.flush())

    def done(self) -> None:
        """Announce the end of the text. Raise SessionLost if that fails."""
        self._send(self._protocol.done())

    def receive(self, timeout: float) -> Event | None:
        """Return the next event, None if none arrives within `timeout` seconds.

        Raise SessionLost at the end of the connection and for a transient failure, otherwise the
        error that the service reports.
        """
        try:
            frame = self._socket.recv(timeout)
        except TimeoutError:
            return None
        except ConnectionClosed as exc:
            if _is_refusal_of_size(exc) and (event := self._protocol.receive_oversized()):
                return event
            raise transport_errors.error_for_close(exc, self.session_id, self._endpoint) from exc
        log_frame("<", frame)
        traffic.transfer(received=len(frame))
        return self._event(frame)

    def close(self) -> None:
        """Disconnect, even from a peer that no longer reads, and unblock a thread that sends."""
        with suppress(OSError):
            self._socket.socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _event(self, frame: str | bytes) -> Event | None:
        try:
            event = self._protocol.receive(frame)
        except NetworkError as exc:
            raise exc.with_trace_id(self.session_id) from exc.__cause__
        if isinstance(event, SessionFailed):
            failure = service_errors.error_for_realtime_event(
                event.complaint, self.session_id, self._endpoint
            )
            if isinstance(failure, UnknownVoiceError):
                failure.voice, failure.model = self._speech.voice, self._speech.model
            raise failure
        return event

    def _await(self, expected: type[Event]) -> None:
        timeout = self._endpoint.timeout
        limit = TimeLimit(timeout)
        while not isinstance(self.receive(min(POLL_SECONDS, timeout)), expected):
            if not limit.next_slice():
                raise ServiceTimeoutError(
                    f"{self._endpoint.host} did not open a session within {timeout:g} s",
                    hint=transport_errors.TIMEOUT_HINT,
                    trace_id=self.session_id,
                )

    def _send(self, frame: str) -> None:
        log_frame(">", frame)
        traffic.transfer(sent=len(frame))
        try:
            self._socket.send(frame)
        except ConnectionClosed as exc:
            raise transport_errors.error_for_close(exc, self.session_id, self._endpoint) from exc


def _connected(endpoint: Endpoint, model: str) -> ClientConnection:
    proxy = proxy_for(endpoint.plan)
    certificates = trusted_certificates() if endpoint.plan.encrypted else None
    log_frame(">", f"GET {url_of(endpoint.plan, model)}")
    try:
        early = None if proxy else take_early(endpoint.plan.host, endpoint.plan.port)
        if early:
            early.settimeout(None)
        return connect(
            url_of(endpoint.plan, model, inside_tls=early is not None),
            sock=early,
            additional_headers={"Authorization": f"Bearer {endpoint.key}"},
            user_agent_header=f"stepcli/{__version__}",
            compression=None,
            ssl=None if early else certificates,
            proxy=proxy.url if proxy else None,
            proxy_ssl=certificates if proxy and proxy.encrypted else None,
            open_timeout=min(CONNECT_TIMEOUT, endpoint.timeout),
            close_timeout=_CLOSE_TIMEOUT,
            # A pong waits behind audio that was not read yet, so a missing one says nothing.
            ping_interval=_PING_INTERVAL,
            ping_timeout=None,
            max_size=LARGEST_FRAME,
            create_connection=_Connection,
            logger=_silent_logger(),
        ).__enter__()
    except (WebSocketException, OSError, ImportError, ValueError) as exc:
        raise transport_errors.error_for_handshake(exc, endpoint) from exc


def _silent_logger() -> logging.Logger:
    """Return a logger that discards what websockets logs, which repeats what is reported here."""
    logger = logging.getLogger("stepcli.websockets")
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return logger


class _Connection(ClientConnection):
    """A connection that skips the repeated audio of a session and follows no redirect.

    A redirect could lead the key to another host.
    """

    def __init__(self, sock: socket.socket, protocol: ClientProtocol, **options: Any) -> None:
        super().__init__(sock, cast(ClientProtocol, _FilteredProtocol(protocol)), **options)

    def handshake(self, *args: Any, **options: Any) -> None:
        try:
            super().handshake(*args, **options)
        except InvalidStatus as exc:
            if "Location" in exc.response.headers:
                del exc.response.headers["Location"]
            raise


class _FilteredProtocol:
    """A protocol that reads what `LastFrameFilter` passes on.

    websockets has no hook for that: it reads every frame completely, extensions and
    `recv_streaming` only get it afterwards.
    """

    def __init__(self, protocol: ClientProtocol) -> None:
        self._protocol = protocol
        self._filter = LastFrameFilter()
        self._tail = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._protocol, name)

    def receive_data(self, data: bytes) -> None:
        if self._protocol.state is State.CONNECTING:
            data = self._receive_handshake(data)
        if self._protocol.state in (State.OPEN, State.CLOSING):
            data = self._filter.feed(data)
        if data:
            self._protocol.receive_data(data)

    def _receive_handshake(self, data: bytes) -> bytes:
        """Pass on the head of the response, and return the data after it."""
        head, found, _ = (self._tail + data).partition(_END_OF_HEAD)
        size = len(head + found) - len(self._tail)
        self._tail = (self._tail + data)[1 - len(_END_OF_HEAD) :]
        self._protocol.receive_data(data[:size])
        return data[size:]


_END_OF_HEAD = b"\r\n\r\n"


def _is_refusal_of_size(closed: ConnectionClosed) -> bool:
    """Return whether the connection was closed here, because of a frame over LARGEST_FRAME."""
    sent = closed.sent
    return sent is not None and sent.code == CloseCode.MESSAGE_TOO_BIG and not closed.rcvd_then_sent
