"""The web server that carries the service."""

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

from stepcli.sandbox.app import PLAN, build
from stepcli.sandbox.faults.middleware import FaultBook
from stepcli.sandbox.faults.spec import Fault
from stepcli.sandbox.middleware.connections import Connections, HttpProtocol, WebSocketProtocol
from stepcli.sandbox.options import Options

_LOGGER = logging.getLogger("uvicorn.error")
_FORMS = logging.getLogger("python_multipart")
_BACKLOG = 2048
_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
_LARGEST_FRAME = 16 << 20  # bytes


def run(
    options: Options,
    faults: Sequence[Fault],
    ready: Callable[[str], None],
    *,
    stop_with_stdin: bool,
) -> int:
    """Serve until a signal, or the end of standard input where that counts; the signal or 0."""
    book = FaultBook()
    book.add(faults)
    connections = Connections()
    _LOGGER.setLevel(logging.WARNING)
    _LOGGER.addFilter(_is_news)
    _FORMS.setLevel(logging.CRITICAL)  # what it warns of is refused with a 400
    with _listening(options.host, options.port) as listener:
        server = _Server(_config(options, book, connections), connections)
        server.on_ready = lambda: ready(_base(listener))
        if stop_with_stdin:
            threading.Thread(target=_watch_stdin, args=(server,), daemon=True).start()
        asyncio.run(server.serve(sockets=[listener]))
    if server.failure:
        raise server.failure
    return server.stopped_by


def _listening(host: str, port: int) -> socket.socket:
    """A socket on that address, 0 for any free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


def _base(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{PLAN}"


def _config(options: Options, book: FaultBook, connections: Connections) -> uvicorn.Config:
    return uvicorn.Config(
        build(options, book, connections),
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=_LARGEST_FRAME,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nobody stands in between whose word on who is asking counts
        backlog=_BACKLOG,
        timeout_keep_alive=75,
        server_header=False,
    )


class _Server(uvicorn.Server):
    """uvicorn, except that it comes back from a signal, and waits for nobody when it stops."""

    on_ready: Callable[[], None]

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections
        self.stopped_by = 0
        self.failure: Exception | None = None

    def stop(self, number: int = 0, _frame: FrameType | None = None) -> None:
        """End soon, because of a signal if ``number`` is one."""
        self.stopped_by = number
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        try:
            self.on_ready()
        except Exception as exc:  # noqa: BLE001 - uvicorn would print it: ``run`` raises it
            self.failure = exc
            self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _LOGGER.setLevel(logging.CRITICAL)  # nobody wants to know what is cut off here
        self._connections.abort()
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


def _is_news(record: logging.LogRecord) -> bool:
    """uvicorn takes a WebSocket that was refused with a status for one that was forgotten.

    Nor is it news that a client has left in the middle of its request.
    """
    if record.exc_info and isinstance(record.exc_info[1], ClientDisconnect):
        return False
    return "without completing handshake" not in record.getMessage()


def _watch_stdin(server: _Server) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.stop()
