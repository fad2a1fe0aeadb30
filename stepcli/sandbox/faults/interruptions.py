"""Faults that strike while an answer goes out, after so many units of it."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from stepcli.sandbox.faults.spec import Fault
from stepcli.sandbox.faults.transforms import Dropped, Outlet, body, event, frame
from stepcli.sandbox.middleware.connections import Connection


class Underway(Outlet, ABC):
    """Lets ``after`` units pass, then strikes once; that may end the answer with ``Dropped``."""

    def __init__(self, send: Send, fault: Fault, connection: Connection) -> None:
        super().__init__(send)
        self.fault, self.connection = fault, connection
        self.left = int(fault.number("after"))
        self.struck = self.over = False
        self._turn = asyncio.Lock()

    async def __call__(self, message: Message) -> None:
        async with self._turn:  # a WebSocket speaks from two tasks
            if self.over:
                raise Dropped
            try:
                await super().__call__(message)
            except Dropped:
                self.over = True
                raise

    @abstractmethod
    async def strike(self, message: Message, /) -> None:
        """Do it, where ``message`` would have been next."""

    async def body(self, message: Message) -> None:
        if self.struck:
            return await self.pass_on(message)
        data, size = message.get("body", b""), 1
        if not self.streams:
            size = len(data)
        if size <= self.left and (data or self.left):
            self.left -= size if data else 0
            return await self.pass_on(message)
        return await self._split(message, 0 if self.streams else self.left)

    async def _split(self, message: Message, at: int) -> None:
        data, more = message.get("body", b""), message.get("more_body", False)
        if at:
            await self.pass_on(body(data[:at]))
        self.struck = True
        rest = body(data[at:], more=more)
        await self.strike(rest)

    async def frame(self, message: Message) -> None:
        if self.struck or self.left > 0:
            self.left -= 1
            return await self.pass_on(message)
        self.struck = True
        return await self.strike(message)

    async def say(self, data: Any, like: Message) -> None:
        """One more event, in the manner of the answer that ``like`` is part of."""
        if like["type"] == "websocket.send":
            await self.pass_on(frame(json.dumps(data)))
        else:
            await self.pass_on(body(event(data)))


class Resized(Underway, ABC):
    """An answer that will not have the length it promised."""

    async def start(self, message: Message) -> None:
        del MutableHeaders(scope=message)["content-length"]
        await self.pass_on(message)


class Cut(Underway):
    """Close the connection as if a cable were pulled."""

    async def strike(self, _next: Message) -> None:
        await self.connection.cut()
        raise Dropped


class Reset(Underway):
    """Reset the connection."""

    async def strike(self, _next: Message) -> None:
        await self.connection.reset()
        raise Dropped


class Stall(Underway):
    """Fall silent, for a while or until the client has had enough."""

    async def strike(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self.fault.number("for") or None):
                await self.connection.left()
        except TimeoutError:
            return await self.pass_on(message)
        raise Dropped


class Malformed(Resized):
    """Break the next event in two and lose the second half."""

    async def strike(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            text = message["text"]
            return await self.pass_on(frame(text[: len(text) // 2]))
        data, more = message["body"], message["more_body"]
        half = data[: len(data) // 2]
        return await self.pass_on(body(half + b"\n\n" if self.streams else half, more=more))


class Error(Underway):
    """Say that something went wrong, and end; a plain body has no way to say it, and is cut."""

    async def strike(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not self.streams:
            await self.connection.cut()
            raise Dropped
        said = self.fault.text("message", f"sandbox fault {self.fault.spec}")
        await self.say(self._event(message, said), message)
        if message["type"] == "websocket.send":
            await self.pass_on({"type": "websocket.close", "code": 1000})
        else:
            await self.pass_on(body(b"", more=False))
        raise Dropped

    def _event(self, message: Message, said: str) -> dict[str, Any]:
        code = self.fault.text("code", "server_error")
        if message["type"] == "websocket.send":
            origin: dict[str, Any] = json.loads(message["text"])
            details = {"code": code, "message": said, "details": {}}
            return origin | {
                "type": "tts.response.error",
                "data": {"session_id": origin["data"]["session_id"]} | details,
            }
        if b'"speech.' in message["body"]:
            kind = self.fault.text("type", "server_error")
            return {
                "type": "speech.audio.error",
                "error": {"message": said, "type": kind, "code": code},
            }
        return {"type": "error", "message": said}


class Frame(Resized):
    """Put an event in between that is large and unknown; a plain body has no events."""

    async def strike(self, message: Message) -> None:
        if message["type"] == "websocket.send" or self.streams:
            padding = "x" * int(self.fault.number("bytes"))
            await self.say({"type": "sandbox.padding", "padding": padding}, message)
        await self.pass_on(message)


class Endless(Resized):
    """Say the same thing until the client leaves."""

    async def strike(self, message: Message) -> None:
        again = message
        if message["type"] == "http.response.body":
            again = body(message["body"] if self.streams else message["body"].ljust(1024, b"\0"))
        while not self.connection.lost.is_set():
            await self.pass_on(again)
            await asyncio.sleep(0)
        raise Dropped


class Close(Underway):
    """Close the WebSocket with a code; of an HTTP answer there is only its connection to close."""

    async def strike(self, message: Message) -> None:
        if message["type"] != "websocket.send":
            await self.connection.cut()
            raise Dropped
        code = int(self.fault.number("code", 1011))
        await self.pass_on(
            {"type": "websocket.close", "code": code, "reason": self.fault.text("reason")}
        )
        raise Dropped


UNDERWAY: dict[str, type[Underway]] = {
    "cut": Cut,
    "reset": Reset,
    "stall": Stall,
    "malformed": Malformed,
    "error": Error,
    "frame": Frame,
    "endless": Endless,
    "close": Close,
}
