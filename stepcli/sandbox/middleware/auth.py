"""Who may come in, who is heard out, and how long the service takes to answer."""

from __future__ import annotations

import asyncio
from hmac import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.responses import answer, refused


class Gate:
    """Lets in whoever carries the key, on the paths of the service; others need none."""

    def __init__(self, app: ASGIApp, key: str, bases: tuple[str, ...]) -> None:
        self._app, self._bases = app, bases
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not scope["path"].startswith(self._bases):
            return await self._app(scope, receive, send)
        given = Headers(scope=scope).get("authorization")
        if given is not None and compare_digest(given.encode("latin-1"), self._expected):
            return await self._app(scope, receive, send)
        complaint = "Incorrect API key provided" if given else "You didn't provide an API key"
        return await answer(refused(Refusal(complaint, status=401)), scope, receive, send)


class Latency:
    """Waits before the first byte of each answer."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(self._seconds)
            await send(message)

        await self._app(scope, receive, late)


class HeardOut:
    """Reads a request to its end before it is answered, also where it is refused unread: a client
    that is still sending may not hear the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = scope["type"] == "http"

        async def hear() -> Message:
            nonlocal more
            message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def reply(message: Message) -> None:
            while more and message["type"] == "http.response.start":
                await hear()
            await send(message)

        await self._app(scope, hear, reply)
