"""Read request bodies, and write JSON errors, event streams and paced audio."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, TypeVar

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from stepcli.sandbox.http.errors import ServiceError
from stepcli.sandbox.http.validation import validate
from stepcli.sandbox.tts.encoding import EncodedChunk

T = TypeVar("T")

_MAX_CATCH_UP = 0.2  # seconds; a longer delay restarts the clock instead of being made up for
_PARSE_IN_THREAD_FROM = 1 << 20  # bytes of JSON; below that a thread costs more than parsing


async def read_json(request: Request, shape: type[T], *, limit: int = 1 << 20) -> T:
    """Return the request's body as ``shape``; raise ServiceError if invalid or over ``limit``."""
    body = await read_body(request, limit)
    if len(body) < _PARSE_IN_THREAD_FROM:
        return parse_json(body, shape)
    return await run_in_threadpool(parse_json, body, shape)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the whole body; raise ServiceError (413) after reading more than ``limit`` bytes."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
    if size > limit:
        raise ServiceError(f"the request is larger than {limit} bytes", status=413)
    return b"".join(chunks)


def parse_json(body: bytes, shape: type[T]) -> T:
    """Return a JSON document as ``shape``; raise ServiceError if it is not valid."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ServiceError("the request is not valid JSON") from None
    return validate(shape, value)


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
