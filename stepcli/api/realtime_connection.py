"""A realtime session over a real WebSocket: opens it, greets, passes frames, names failures."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from stepcli import __version__
from stepcli.api import error_mapping
from stepcli.api.endpoint import CONNECT_TIMEOUT, Endpoint
from stepcli.api.error_mapping import shown
from stepcli.api.network import proxy_for, trusted_certificates
from stepcli.api.realtime import (
    Connected,
    Created,
    Event,
    RealtimeProtocol,
    SessionFailed,
    StreamRequest,
    url_of,
)
from stepcli.errors import NetworkError, ServiceTimeoutError
from stepcli.redaction import shorten

log = logging.getLogger("stepcli.wire")

LARGEST_FRAME = 64 * 1024 * 1024
"""Bytes: the last event may hold the sound of everything, twenty minutes of it in base64."""

_BLINK = 0.2
"""Seconds after which a wait looks up: some systems deliver Ctrl-C only then."""

_GOODBYE = 1.0
_KEEP_ALIVE = 20.0
_LOGGED = 300


@contextmanager
def open_session(service: Endpoint, request: StreamRequest) -> Iterator[RealtimeConnection]:
    """A session that is ready for text, closed afterwards.

    Raises SessionLost where another attempt may succeed, else the error of errors.py that fits.
    """
    session = RealtimeConnection(service, request)
    try:
        session.begin()
        yield session
    finally:
        session.close()


class RealtimeConnection:
    """One open session. One thread may receive while another sends; ``close`` ends both."""

    def __init__(self, service: Endpoint, request: StreamRequest) -> None:
        self._service = service
        self._dialogue = RealtimeProtocol(request)
        self._socket = _connected(service, url_of(service.plan, request.manner.model))

    @property
    def session_id(self) -> str | None:
        """The service's handle for support, fit to be shown."""
        return shown(self._dialogue.session_id or "") or None

    def begin(self) -> None:
        """Create the session. Raise ServiceTimeoutError if the service does not answer."""
        self._await(Connected)
        self._send(self._dialogue.create())
        self._await(Created)

    def say(self, text: str) -> None:
        """Send ``text``, at most LONGEST_DELTA characters. Raise SessionLost if that fails."""
        self._send(self._dialogue.text(text))

    def flush(self) -> None:
        self._send(self._dialogue.flush())

    def done(self) -> None:
        self._send(self._dialogue.done())

    def receive(self, timeout: float) -> Event | None:
        """Return the next event, None if none arrives within ``timeout`` seconds.

        Raise SessionLost at the end of the connection and for a transient failure, otherwise the
        error that the service reports.
        """
        try:
            frame = self._socket.recv(timeout)
        except TimeoutError:
            return None
        except ConnectionClosed as exc:
            raise error_mapping.error_for_close(exc, self.session_id, self._service) from exc
        self._log("<", frame)
        return self._understood(frame)

    def close(self) -> None:
        """Hang up. A peer that reads no more cannot hold this back, nor a sender stuck on it."""
        with suppress(OSError):
            self._socket.socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _understood(self, frame: str | bytes) -> Event | None:
        try:
            event = self._dialogue.receive(frame)
        except NetworkError as exc:
            exc.trace_id = self.session_id
            raise
        if isinstance(event, SessionFailed):
            raise error_mapping.error_for_realtime_event(
                event.complaint, self.session_id, self._service
            )
        return event

    def _await(self, wanted: type[Event]) -> None:
        deadline = monotonic() + self._service.timeout
        while not isinstance(self.receive(min(_BLINK, self._service.timeout)), wanted):
            if monotonic() >= deadline:
                raise ServiceTimeoutError(
                    f"{self._service.host} did not open a session in {self._service.timeout:g} s",
                    hint="--timeout allows longer silence",
                    trace_id=self.session_id,
                )

    def _log(self, direction: str, frame: str | bytes) -> None:
        if log.isEnabledFor(logging.DEBUG):
            text = frame if isinstance(frame, str) else frame.decode(errors="backslashreplace")
            log.debug("%s %s", direction, shorten(text, _LOGGED))

    def _send(self, frame: str) -> None:
        self._log(">", frame)
        try:
            self._socket.send(frame)
        except ConnectionClosed as exc:
            raise error_mapping.error_for_close(exc, self.session_id, self._service) from exc


def _connected(service: Endpoint, url: str) -> ClientConnection:
    secure, proxy = service.plan.encrypted, proxy_for(service.plan)
    certificates = trusted_certificates() if secure else None
    log.debug("> GET %s", url)
    try:
        return connect(
            url,
            additional_headers={"Authorization": f"Bearer {service.key}"},
            user_agent_header=f"stepcli/{__version__}",
            compression=None,
            ssl=certificates,
            proxy=proxy.url if proxy else None,
            proxy_ssl=certificates if proxy and proxy.encrypted else None,
            open_timeout=min(CONNECT_TIMEOUT, service.timeout),
            close_timeout=_GOODBYE,
            # A pong waits behind sound that nobody has listened to yet, so none is insisted on.
            ping_interval=_KEEP_ALIVE,
            ping_timeout=None,
            max_size=LARGEST_FRAME,
            create_connection=_Unmoved,
            logger=_unheard(),
        ).__enter__()
    except (WebSocketException, OSError, ImportError, ValueError) as exc:
        raise error_mapping.error_for_handshake(exc, service) from exc


def _unheard() -> logging.Logger:
    """For the library's own log, which has the key in it, and tracebacks for what is told here."""
    logger = logging.getLogger("stepcli.websockets")
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return logger


class _Unmoved(ClientConnection):
    """A connection that follows no redirect: the key goes to the host it was meant for."""

    def handshake(self, *args: Any, **options: Any) -> None:
        try:
            super().handshake(*args, **options)
        except InvalidStatus as exc:
            if "Location" in exc.response.headers:
                del exc.response.headers["Location"]
            raise
