"""The connections a server has open: to count them, and to break them."""

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

_ABORTIVE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Linger for no time: ``close`` sends RST."""
_TICK = 0.02  # seconds


@dataclass
class Connection:
    """One TCP connection. ``served`` once a request for the service came over it."""

    id: int
    transport: asyncio.Transport
    served: bool = False
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    async def left(self) -> None:
        """Return once the peer is gone; reads on till then, as who does not would not notice."""
        while not self.lost.is_set():
            self.transport.resume_reading()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.lost.wait(), _TICK)

    async def cut(self) -> None:
        """Close it after what was written, without the proper end of an answer."""
        self.transport.close()
        await self.lost.wait()

    async def reset(self) -> None:
        """Send what was written, then RST, at which a peer forgets what it has not read yet."""
        while self.transport.get_write_buffer_size():
            await asyncio.sleep(_TICK)
        await asyncio.sleep(_TICK)
        plug: socket.socket = self.transport.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTIVE)
        self.transport.abort()
        await self.lost.wait()


@dataclass
class Connections:
    """All that are open. ``peak`` is the most that served at once since it was last set to 0."""

    peak: int = 0
    _open: dict[int, Connection] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def opened(self, transport: asyncio.Transport) -> Connection:
        """Know of a new one."""
        connection = Connection(next(self._ids), transport)
        self._open[connection.id] = connection
        return connection

    def closed(self, connection: Connection) -> None:
        """Forget one."""
        self._open.pop(connection.id, None)
        connection.lost.set()

    def serve(self, connection: Connection) -> None:
        """Count it among those a request came over."""
        connection.served = True
        self.peak = max(self.peak, self.serving)

    @property
    def serving(self) -> int:
        """How many that a request came over are still open."""
        return sum(connection.served for connection in self._open.values())

    def abort(self) -> None:
        """Break all of them."""
        for connection in self._open.values():
            connection.transport.abort()


class HttpProtocol(H11Protocol):
    """uvicorn's HTTP, with the ``connection`` a request came over in its state."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        connection = self.app_state["connections"].opened(transport)
        self.app_state = self.app_state | {"connection": connection}
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.app_state["connections"].closed(self.app_state["connection"])
        super().connection_lost(exc)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket; it takes over a connection, and its state, from ``HttpProtocol``."""

    def connection_lost(self, exc: Exception | None) -> None:
        self.app_state["connections"].closed(self.app_state["connection"])
        super().connection_lost(exc)
