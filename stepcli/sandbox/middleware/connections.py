"""Track open TCP connections, count them and break them."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER with a timeout of zero: ``close`` sends RST."""
_POLL = 0.02  # seconds


@dataclass
class ClientConnection:
    """One TCP connection. ``used`` is set once a request was received on it."""

    id: int
    transport: asyncio.Transport
    used: bool = False
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_lost(self) -> None:
        """Return once the peer is gone; keep reading until then, or it would go unnoticed."""
        while not self.lost.is_set():
            self.transport.resume_reading()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.lost.wait(), _POLL)

    async def cut(self) -> None:
        """Close after the data that was written, without completing the response."""
        self.transport.close()
        await self.lost.wait()

    async def reset(self) -> None:
        """Send the data that was written, then RST, which discards what the peer has not read."""
        while self.transport.get_write_buffer_size():
            await asyncio.sleep(_POLL)
        await asyncio.sleep(_POLL)
        tcp: socket.socket = self.transport.get_extra_info("socket")
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
        await self.lost.wait()


@dataclass
class ConnectionTracker:
    """All open connections. ``peak`` is the maximum in use since it was last set to 0."""

    peak: int = 0
    _open: dict[int, ClientConnection] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def add(self, transport: asyncio.Transport) -> ClientConnection:
        """Register a new connection."""
        connection = ClientConnection(next(self._ids), transport)
        self._open[connection.id] = connection
        return connection

    def remove(self, connection: ClientConnection) -> None:
        """Remove a closed connection."""
        self._open.pop(connection.id, None)
        connection.lost.set()

    def mark_used(self, connection: ClientConnection) -> None:
        """Count a connection among those that received a request."""
        connection.used = True
        self.peak = max(self.peak, self.in_use)

    @property
    def in_use(self) -> int:
        """Return how many open connections have received a request."""
        return sum(connection.used for connection in self._open.values())

    def abort_all(self) -> None:
        """Abort every connection."""
        for connection in self._open.values():
            connection.transport.abort()


class HttpProtocol(H11Protocol):
    """uvicorn's HTTP protocol; adds ``connection`` to the state of every request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        connection = self.app_state["connections"].add(transport)
        self.app_state = self.app_state | {"connection": connection}
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.app_state["connections"].remove(self.app_state["connection"])
        super().connection_lost(exc)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol; takes over a connection and its state from HttpProtocol."""

    def connection_lost(self, exc: Exception | None) -> None:
        self.app_state["connections"].remove(self.app_state["connection"])
        super().connection_lost(exc)
