"""Run the web server until a signal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.requests import ClientDisconnect

from stepcli.sandbox.app import PLAN, build_app
from stepcli.sandbox.faults.middleware import FaultRegistry
from stepcli.sandbox.faults.spec import FaultSpec
from stepcli.sandbox.middleware.connections import (
    ConnectionTracker,
    HttpProtocol,
    WebSocketProtocol,
)
from stepcli.sandbox.options import SandboxOptions

_LOGGER = logging.getLogger("uvicorn.error")
_MULTIPART_LOGGER = logging.getLogger("python_multipart")
_BACKLOG = 2048
_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
_MAX_FRAME = 16 << 20  # bytes


def run(
    options: SandboxOptions,
    faults: Sequence[FaultSpec],
    on_ready: Callable[[str], None],
    *,
    stop_with_stdin: bool,
) -> int:
    """Serve until a signal or, if requested, the end of stdin; return the signal's number or 0."""
    registry = FaultRegistry()
    registry.add(faults)
    connections = ConnectionTracker()
    _LOGGER.setLevel(logging.WARNING)
    _LOGGER.addFilter(_is_relevant)
    _MULTIPART_LOGGER.setLevel(logging.CRITICAL)  # its warnings become 400 responses
    with _listen(options.host, options.port) as listener:
        server = _Server(_config(options, registry, connections), connections)
        server.on_ready = lambda: on_ready(_base_url(listener))
        if stop_with_stdin:
            threading.Thread(target=_watch_stdin, args=(server,), daemon=True).start()
        asyncio.run(server.serve(sockets=[listener]))
    if server.failure:
        raise server.failure
    return server.stopped_by


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{PLAN}"


def _config(
    options: SandboxOptions, registry: FaultRegistry, connections: ConnectionTracker
) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(options, registry, connections),
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=_MAX_FRAME,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # no trusted proxy exists, so forwarding headers must not count
        backlog=_BACKLOG,
        timeout_keep_alive=75,
        server_header=False,
    )


class _Server(uvicorn.Server):
    """A uvicorn server that returns after a signal and aborts open connections when it stops."""

    on_ready: Callable[[], None]

    def __init__(self, config: uvicorn.Config, connections: ConnectionTracker) -> None:
        super().__init__(config)
        self._connections = connections
        self.stopped_by = 0
        self.failure: Exception | None = None

    def stop(self, number: int = 0, _frame: FrameType | None = None) -> None:
        """Stop the server; ``number`` is the signal that caused it, or 0."""
        self.stopped_by = number
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        try:
            self.on_ready()
        except Exception as exc:  # noqa: BLE001 - uvicorn would only print it; ``run`` raises it
            self.failure = exc
            self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _LOGGER.setLevel(logging.CRITICAL)  # aborted connections are not worth a message
        self._connections.abort_all()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.stop) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _is_relevant(record: logging.LogRecord) -> bool:
    """Filter out uvicorn's messages about refused handshakes and disconnected clients.

    uvicorn mistakes a WebSocket that was refused with a status for one that was never answered.
    """
    if record.exc_info and isinstance(record.exc_info[1], ClientDisconnect):
        return False
    return "without completing handshake" not in record.getMessage()


def _watch_stdin(server: _Server) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.stop()
