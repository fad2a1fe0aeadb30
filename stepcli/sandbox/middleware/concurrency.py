"""Limit the number of requests that are served at once (PROTOCOL.md §2)."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from stepcli.sandbox.http.errors import ServiceError
from stepcli.sandbox.http.responses import error_response, send_response
from stepcli.sandbox.middleware.request_context import request_context

_LIMITED = {"speech", "realtime", "asr", "preview", "clone"}
"""The endpoints that run a model. A realtime session counts for as long as it is open."""


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
