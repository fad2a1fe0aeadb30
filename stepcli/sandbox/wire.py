"""What all endpoints do with a request and an answer: JSON in, events out, sound at its pace."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, TypeVar

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from stepcli.sandbox.checks import read
from stepcli.sandbox.refusals import Refusal
from stepcli.sandbox.voice.containers import Piece

T = TypeVar("T")

_THREAD_FROM = 1 << 20  # bytes of JSON; less is read sooner than a thread is had


async def read_json(request: Request, shape: type[T], *, most: int = 1 << 20) -> T:
    """The request's body, of at most ``most`` bytes, read as ``shape``."""
    body = await read_body(request, most)
    if len(body) < _THREAD_FROM:
        return _parse(body, shape)
    return await run_in_threadpool(_parse, body, shape)


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


def _parse(body: bytes, shape: type[T]) -> T:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("the body is not valid JSON") from None
    return read(shape, given)


def refused(refusal: Refusal) -> JSONResponse:
    """A refusal as an HTTP answer."""
    return JSONResponse(refusal.body(), refusal.status)


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


async def paced(pieces: Iterator[Piece], pace: float | None) -> AsyncIterator[Piece]:
    """The pieces of a sound, each no sooner than at its time in the sound divided by ``pace``."""
    begun, played = time.monotonic(), 0.0
    async for piece in iterate_in_threadpool(pieces):
        if pace:
            await asyncio.sleep(begun + played / pace - time.monotonic())
        played += piece.seconds
        yield piece
