"""JSON errors, event streams and paced audio (PROTOCOL.md §2)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from stepcli.sandbox.tts.encoding import EncodedChunk

ERROR_TYPES = {
    400: "request_params_invalid",
    401: "invalid_api_key",
    402: "quota_exceeded",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    429: "rate_limited",
    451: "censorship_block",
    500: "server_error",
    503: "service_overloaded",
    504: "timeout",
}
"""The default ``type`` of each status: those seen in responses, and guesses for the others."""

BLOCKED_MARKER = "censored-sample"
"""Any text that contains this is refused by moderation, so that tests can provoke it."""


class ServiceError(Exception):
    """A request that the service refuses, as an HTTP error or a realtime error event."""

    def __init__(
        self, message: str, *, status: int = 400, type: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type or ERROR_TYPES.get(status, "server_error")
        self.param = param

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the HTTP response."""
        error = {"message": self.message, "type": self.type}
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def check_moderation(text: str) -> None:
    """Raise ServiceError (451) if ``text`` contains ``BLOCKED_MARKER``."""
    if BLOCKED_MARKER in text:
        raise ServiceError("The content you provided or machine outputted is blocked.", status=451)


_MAX_CATCH_UP = 0.2  # seconds; a longer delay restarts the clock instead of being made up for


def error_response(error: ServiceError) -> JSONResponse:
    """Return ``error`` as an HTTP response."""
    return JSONResponse(error.body(), error.status)


def is_plan_request(connection: HTTPConnection) -> bool:
    """Return whether a request was sent to the plan base (PROTOCOL.md §1)."""
    return connection.url.path.startswith("/step_plan/")


async def send_response(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response, also in place of a WebSocket handshake."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)


def event_stream(source: AsyncIterator[Mapping[str, Any] | str]) -> StreamingResponse:
    """Return server-sent events: one ``data`` line for each object or literal string."""

    async def lines() -> AsyncIterator[str]:
        async for event in source:
            text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
            yield f"data: {text}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


class Pacer:
    """Delay audio to a multiple of real time; ``None`` sends it without delay."""

    def __init__(self, pace: float | None) -> None:
        self._pace = pace
        self._due = 0.0

    async def paced(self, chunks: Iterator[EncodedChunk]) -> AsyncIterator[EncodedChunk]:
        """Yield each chunk once those before it would have been played; encode in a thread."""
        async for chunk in iterate_in_threadpool(chunks):
            if self._pace:
                await self._wait(chunk.seconds / self._pace)
            yield chunk

    async def _wait(self, seconds: float) -> None:
        now = time.monotonic()
        if now - self._due > _MAX_CATCH_UP:
            self._due = now
        await asyncio.sleep(self._due - now)
        self._due += seconds
