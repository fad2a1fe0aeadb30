"""What a gateway does before the endpoints: API keys, concurrency, latency, whole requests."""

from __future__ import annotations

import asyncio
from hmac import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepcli.sandbox.http.errors import ServiceError
from stepcli.sandbox.http.responses import error_response, send_response
from stepcli.sandbox.middleware.request_context import request_context

_LIMITED = {"speech", "realtime", "asr", "preview", "clone"}
"""The endpoints that run a model. A realtime session counts for as long as it is open."""


class BearerAuth:
    """Require the API key on paths under ``bases``; other paths need none."""

    def __init__(self, app: ASGIApp, key: str, bases: tuple[str, ...]) -> None:
        self._app, self._bases = app, bases
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not scope["path"].startswith(self._bases):
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
        if scope["type"] == "lifespan" or request_context(scope).endpoint not in _LIMITED:
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
