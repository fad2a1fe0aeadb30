"""The connections a server has open, each by its peer: to count them, and to break them."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from itertools import count

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

Peer = tuple[str, int]

_ABORTIVE = struct.pack("ii", 1, 0)  # linger for no time: close() sends RST
_TICK = 0.02  # seconds


@dataclass
class Connection:
    """One TCP connection. ``served`` once a request for the service came over it."""

    id: int
    transport: asyncio.Transport
    served: bool = False
    lost: asyncio.Event = field(default_factory=asyncio.Event)

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
    _open: dict[Peer, Connection] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def of(self, scope: Scope) -> Connection:
        """The connection a request came over."""
        host, port = scope["client"]
        return self._open[host, port]

    def serve(self, connection: Connection) -> None:
        """Count it among those a request came over."""
        connection.served = True
        self.peak = max(self.peak, self.serving)

    @property
    def serving(self) -> int:
        """How many that a request came over are still open."""
        return sum(connection.served for connection in self._open.values())

    def opened(self, transport: asyncio.Transport) -> None:
        """Know of a connection."""
        self._open[_peer(transport)] = Connection(next(self._ids), transport)

    def closed(self, transport: asyncio.Transport) -> None:
        """Forget a connection."""
        connection = self._open.pop(_peer(transport), None)
        if connection is not None:
            connection.lost.set()

    def abort(self) -> None:
        """Break all of them."""
        for connection in self._open.values():
            connection.transport.abort()


def _peer(transport: asyncio.Transport) -> Peer:
    host, port = transport.get_extra_info("peername")[:2]
    return host, port


class HttpProtocol(H11Protocol):
    """uvicorn's HTTP, its connections known."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state["connections"].opened(transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.app_state["connections"].closed(self.transport)
        super().connection_lost(exc)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket; it takes over a connection that ``HttpProtocol`` made known."""

    def connection_lost(self, exc: Exception | None) -> None:
        self.app_state["connections"].closed(self.transport)
        super().connection_lost(exc)
