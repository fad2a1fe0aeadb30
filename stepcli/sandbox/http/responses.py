"""What all endpoints do with a request and an answer: JSON in, events out, sound at its pace."""

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

from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.validation import read
from stepcli.sandbox.tts.encoding import Piece

T = TypeVar("T")

_REST = 0.2  # seconds; less behind time is made up for
_THREAD_FROM = 1 << 20  # bytes of JSON; less is read sooner than a thread is had


async def read_json(request: Request, shape: type[T], *, most: int = 1 << 20) -> T:
    """The request's body, of at most ``most`` bytes, read as ``shape``."""
    body = await read_body(request, most)
    if len(body) < _THREAD_FROM:
        return parse(body, shape)
    return await run_in_threadpool(parse, body, shape)


async def read_body(request: Request, most: int) -> bytes:
    """The whole body; a longer one than ``most`` bytes is refused once it is there."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= most:
            chunks.append(chunk)
    if size > most:
        raise Refusal(f"the request is larger than {most} bytes", status=413)
    return b"".join(chunks)


def parse(body: bytes, shape: type[T]) -> T:
    """JSON read as ``shape``."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("the request is not valid JSON") from None
    return read(shape, given)


def refused(refusal: Refusal) -> JSONResponse:
    """A refusal as an HTTP answer."""
    return JSONResponse(refusal.body(), refusal.status)


def on_plan(connection: HTTPConnection) -> bool:
    """Whether a request came by the plan base (protocol.md §1)."""
    return connection.url.path.startswith("/step_plan/")


async def answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Give an answer; to a WebSocket that is still asking to be one, in place of the handshake."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)


def events(source: AsyncIterator[Mapping[str, Any] | str]) -> StreamingResponse:
    """Server-sent events: one ``data`` line for each object, or literal text, of ``source``."""

    async def lines() -> AsyncIterator[str]:
        async for event in source:
            text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
            yield f"data: {text}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


class Pacer:
    """Lets sound go out at a multiple of its own length, or as fast as it is made."""

    def __init__(self, pace: float | None) -> None:
        self._pace = pace
        self._due = 0.0

    async def paced(self, pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
        """The pieces of a sound, made in a thread, each when those before it have been heard."""
        async for piece in iterate_in_threadpool(pieces):
            if self._pace:
                await self._wait(piece.seconds / self._pace)
            yield piece

    async def _wait(self, seconds: float) -> None:
        """Wait until it is time for what takes ``seconds``; after a rest time begins anew."""
        now = time.monotonic()
        if now - self._due > _REST:
            self._due = now
        await asyncio.sleep(self._due - now)
        self._due += seconds
