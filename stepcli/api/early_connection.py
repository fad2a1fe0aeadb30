"""The first connection to the service, made by a thread while the program is still imported.

Name look-up, TCP and TLS take two round trips and more, in which Python loads its modules. The HTTP
client or the WebSocket takes the connection over; until then nothing is sent on it. A failure is
silent: the client then connects itself, and reports what is wrong.
"""

from __future__ import annotations

import select
import socket
import threading
from time import monotonic

from stepcli.errors import StepcliError
from stepcli.settings import CONNECT_TIMEOUT, POLL_SECONDS

TYPE_CHECKING = False  # importing typing for it would take time
if TYPE_CHECKING:
    import ssl

    from stepcli.base_url import BaseURL

IDLE_SECONDS = 30.0
"""Longest time without traffic after which a connection is still used: servers close idle ones."""


class EarlyConnection:
    """A connection to `base` in the making. Safe to share between threads."""

    def __init__(self, base: BaseURL) -> None:
        self._base = base
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._socket: socket.socket | None = None
        self._made_at = 0.0
        self._timed_out = False
        self._is_over = False

    def start(self) -> None:
        """Begin to connect."""
        threading.Thread(target=self._run, daemon=True).start()
        if self._base.encrypted:
            # The name is looked up meanwhile. Two threads that import at once slow each other down.
            import stepcli.api.certificates  # noqa: F401

    def take(self, host: str, port: int) -> socket.socket | None:
        """Return the connection if it leads to `host` and `port`, encrypted if the base is.

        Wait while it is being made. Return None if it failed, was taken or closed before, or if the
        server closed it. Raise TimeoutError if the server did not answer in time.
        """
        if (host, port) != (self._base.host, self._base.port):
            return None
        self.wait()
        with self._turn:
            made, self._socket = self._socket, None
            over, self._is_over = self._is_over, True
        if self._timed_out and not over:
            raise TimeoutError("timed out")
        if made and not self._is_usable(made):
            made.close()
            return None
        return made

    @property
    def is_ready(self) -> bool:
        """Whether the connection is being made, or was and can be taken."""
        with self._turn:
            idle = monotonic() - self._made_at if self._socket else 0.0
            failed = self._ended.is_set() and not self._socket
            return not (self._is_over or failed or idle > IDLE_SECONDS)

    def wait(self) -> None:
        """Wait until the connection is made or has failed, so that Ctrl-C can interrupt."""
        while not self._ended.wait(POLL_SECONDS):
            pass

    def close(self) -> None:
        """Close the connection if it was not taken."""
        with self._turn:
            self._is_over = True
            if self._socket:
                self._socket.close()
                self._socket = None

    def _run(self) -> None:
        try:
            made = self._connect()
            with self._turn:
                if self._is_over:
                    made.close()
                else:
                    self._socket, self._made_at = made, monotonic()
        except TimeoutError:
            self._timed_out = True
        except (OSError, ValueError, StepcliError):
            pass
        finally:
            self._ended.set()

    def _connect(self) -> socket.socket:
        connection = self._connected()
        if not self._base.encrypted:
            return connection
        try:
            return _certificates().wrap_socket(connection, server_hostname=self._base.host.encode())
        except BaseException:
            connection.close()
            raise

    def _connected(self) -> socket.socket:
        """Return a connection to the first address that accepts one."""
        failure = OSError("no address")
        # The codec for international names, which bytes do not need, takes 7 ms to import.
        host = self._base.host.encode()
        for *kind, _, address in socket.getaddrinfo(host, self._base.port, type=socket.SOCK_STREAM):
            connection = socket.socket(*kind)
            try:
                connection.setblocking(False)
                try:  # noqa: SIM105 - importing contextlib would take time
                    connection.connect(address)
                except BlockingIOError:
                    pass
                if self._base.encrypted:
                    _certificates()  # loaded while the server answers
                return _completed(connection)
            except OSError as exc:
                connection.close()
                failure = exc
                if isinstance(exc, TimeoutError):
                    break
        raise failure

    def _is_usable(self, made: socket.socket) -> bool:
        """Return whether the server has neither closed the connection nor sent anything on it."""
        if monotonic() - self._made_at > IDLE_SECONDS:
            return False
        made.settimeout(0)
        try:
            made.recv(1)
        except OSError as exc:  # SSLWantReadError after a session ticket, for instance
            return isinstance(exc, BlockingIOError) or type(exc).__name__ == "SSLWantReadError"
        return False


def _certificates() -> ssl.SSLContext:
    from stepcli.api.certificates import trusted_certificates

    return trusted_certificates()


def _completed(connection: socket.socket) -> socket.socket:
    """Return `connection` once it is made. Raise OSError if it is refused or does not succeed."""
    if not select.select((), (connection,), (connection,), CONNECT_TIMEOUT)[1]:
        raise TimeoutError("timed out")
    if error := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise OSError(error, "cannot connect")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(CONNECT_TIMEOUT)
    return connection


_early: EarlyConnection | None = None


def connect_early(base: BaseURL) -> None:
    """Begin to connect to `base`, for the next request that needs a new connection."""
    global _early
    if _early:
        if _early.is_ready:
            return
        _early.close()
    _early = EarlyConnection(base)
    _early.start()


def take_early(host: str, port: int) -> socket.socket | None:
    """Return what `EarlyConnection.take` does; None if none was begun."""
    return _early.take(host, port) if _early else None


def close_early() -> None:
    """Close the connection that was begun, unless a request has used it."""
    if _early:
        _early.close()
