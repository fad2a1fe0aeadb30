"""Attach an endpoint name, a number and a trace id to every request."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepcli.sandbox.middleware.connections import ClientConnection, ConnectionTracker


@dataclass
class RequestContext:
    """The ``n``-th request to ``endpoint``, which is ``None`` for an unknown path."""

    endpoint: str | None
    n: int
    connection: ClientConnection
    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    fault: str | None = None
    """The specification of the fault that was injected."""


def request_context(scope: Scope) -> RequestContext:
    """Return the context of a request."""
    context: RequestContext = scope["state"]["context"]
    return context


class RequestContexts:
    """Create the context of every request, and add ``X-Trace-Id`` to its response."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app, self._routes = app, routes
        self._counts: Counter[str | None] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        context = self._create(scope)
        scope["state"]["context"] = context

        async def traced(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message)["X-Trace-Id"] = context.trace_id
            await send(message)

        await self._app(scope, receive, traced)

    def _create(self, scope: Scope) -> RequestContext:
        connections: ConnectionTracker = scope["state"]["connections"]
        connection: ClientConnection = scope["state"]["connection"]
        connections.mark_used(connection)
        endpoint = endpoint_name(scope, self._routes)
        self._counts[endpoint] += 1
        return RequestContext(endpoint, self._counts[endpoint], connection)


def endpoint_name(scope: Scope, routes: Sequence[BaseRoute]) -> str | None:
    """Return the name of the route that serves a request."""
    for route in routes:
        if route.matches(scope)[0] is Match.FULL:
            return getattr(route, "name", None)
    return None
