"""What a gateway does with every request: context, API key, concurrency, latency, whole bodies."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hmac import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepcli.sandbox.http.responses import ServiceError, error_response, send_response
from stepcli.sandbox.middleware.connections import ClientConnection, ConnectionTracker

_LIMITED = {"speech", "realtime", "asr", "preview", "clone"}
"""The endpoints that run a model. A realtime session counts for as long as it is open."""


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


class BearerAuth:
    """Require the API key on paths under ``bases``; other paths need none."""

    def __init__(self, app: ASGIApp, key: str, bases: tuple[str, ...]) -> None:
        self._app, self._bases = app, bases
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(self._bases):
            return await self._app(scope, receive, send)
        value = Headers(scope=scope).get("authorization")
        if value is not None and compare_digest(value.encode("latin-1"), self._expected):
            return await self._app(scope, receive, send)
        message = "Incorrect API key provided" if value else "You didn't provide an API key"
        error = ServiceError(message, status=401)
        return await send_response(error_response(error), scope, receive, send)


class ConcurrencyLimit:
    """Refuse requests beyond ``limit`` with a 429; 0 disables the limit."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if request_context(scope).endpoint not in _LIMITED:
            return await self._app(scope, receive, send)
        self._active += 1
        try:
            if 0 < self._limit < self._active:
                error = self._error()
                return await send_response(error_response(error), scope, receive, send)
            return await self._app(scope, receive, send)
        finally:
            self._active -= 1

    def _error(self) -> ServiceError:
        message = (
            f"request limited concurrency reached, current: {self._active}, limit: {self._limit}"
        )
        return ServiceError(message, status=429)


class Latency:
    """Delay the first byte of every response."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def delayed(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(self._seconds)
            await send(message)

        await self._app(scope, receive, delayed)


class DrainRequest:
    """Read every request to its end before responding, even if it is rejected unread.

    A client that is still sending might not read the response.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = scope["type"] == "http"

        async def tracked() -> Message:
            nonlocal more
            message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def drained(message: Message) -> None:
            while more and message["type"] == "http.response.start":
                await tracked()
            await send(message)

        await self._app(scope, tracked, drained)
