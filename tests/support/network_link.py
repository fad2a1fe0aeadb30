"""A TCP proxy in front of a server, which behaves as a network that is cut and comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import partial


class Outage(Enum):
    """How a network fails."""

    REFUSED = "connections are refused"
    HUNG = "nothing is delivered any more"


class NetworkLink:
    """Forwards connections to `port`, to which they are made at `own_port`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connections: list[socket.socket] = []
        self._is_hung = threading.Event()
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.own_port: int = self._listener.getsockname()[1]
        self._accept(self._listener)

    def cut(self, outage: Outage) -> None:
        """Let connections fail, those that are open too."""
        if outage is Outage.HUNG:
            self._is_hung.set()
        else:
            self.close()

    def restore(self) -> None:
        """Forward new connections; those that hang stay so."""
        self._is_hung = threading.Event()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.own_port))
            self._accept(self._listener)

    def close(self) -> None:
        """Close all connections and refuse new ones."""
        listener, self._listener = self._listener, None
        for each in filter(None, (listener, *self._connections)):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._connections.clear()

    def _accept(self, listener: socket.socket) -> None:
        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    server = socket.create_connection(("127.0.0.1", self._port))
                    self._connections += [client, server]
                    for ends in ((client, server), (server, client)):
                        _in_background(partial(_forward, *ends, self._is_hung))

        _in_background(accept)


def _forward(source: socket.socket, target: socket.socket, hung: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if hung.is_set():
                return
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


@contextmanager
def network_link(origin: str) -> Iterator[NetworkLink]:
    """Yield a link to the server at the URL `origin`."""
    link = NetworkLink(int(origin.rpartition(":")[2]))
    try:
        yield link
    finally:
        link.close()
