"""One request, or one WebSocket, as everything around the endpoints sees it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepcli.sandbox.middleware.connections import Connection, Connections


@dataclass
class Visit:
    """Who came for what: the ``n``-th request for ``endpoint``, which is ``None`` off the paths."""

    endpoint: str | None
    n: int
    connection: Connection
    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    fault: str | None = None
    """The fault done to it, as it was written."""


def visit_of(scope: Scope) -> Visit:
    """The visit a request is."""
    visit: Visit = scope["state"]["visit"]
    return visit


class Visits:
    """Receives everybody: counts them, and hands out ``X-Trace-Id``."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app, self._routes = app, routes
        self._counts: Counter[str | None] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        visit = self._welcome(scope)
        scope["state"]["visit"] = visit

        async def traceable(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message)["X-Trace-Id"] = visit.trace_id
            await send(message)

        await self._app(scope, receive, traceable)

    def _welcome(self, scope: Scope) -> Visit:
        connections: Connections = scope["state"]["connections"]
        connection: Connection = scope["state"]["connection"]
        connections.serve(connection)
        endpoint = endpoint_of(scope, self._routes)
        self._counts[endpoint] += 1
        return Visit(endpoint, self._counts[endpoint], connection)


def endpoint_of(scope: Scope, routes: Sequence[BaseRoute]) -> str | None:
    """The name of the route a request is for."""
    for route in routes:
        if route.matches(scope)[0] is Match.FULL:
            return getattr(route, "name", None)
    return None
