"""Faults that strike in the middle of a response, after a number of bytes, events or messages."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from stepcli.sandbox.faults.filters import (
    ResponseAborted,
    ResponseFilter,
    body_message,
    encode_event,
    frame_message,
)
from stepcli.sandbox.faults.spec import FaultSpec
from stepcli.sandbox.middleware.connections import ClientConnection


class Interruption(ResponseFilter, ABC):
    """Forward ``after`` units, then strike once; ``strike`` may raise ResponseAborted."""

    def __init__(self, send: Send, fault: FaultSpec, connection: ClientConnection) -> None:
        super().__init__(send)
        self.fault, self.connection = fault, connection
        self.remaining = int(fault.number("after"))
        self.struck = self.aborted = False
        self._lock = asyncio.Lock()

    async def __call__(self, message: Message) -> None:
        async with self._lock:  # two tasks send on a WebSocket
            if self.aborted:
                raise ResponseAborted
            try:
                await super().__call__(message)
            except ResponseAborted:
                self.aborted = True
                raise

    @abstractmethod
    async def strike(self, message: Message, /) -> None:
        """Perform the fault in place of ``message``, which would have been next."""

    async def on_body(self, message: Message) -> None:
        if self.struck:
            return await self.forward(message)
        data, size = message.get("body", b""), 1
        if not self.is_event_stream:
            size = len(data)
        if size <= self.remaining and (data or self.remaining):
            self.remaining -= size if data else 0
            return await self.forward(message)
        return await self._split(message, 0 if self.is_event_stream else self.remaining)

    async def _split(self, message: Message, at: int) -> None:
        data, more = message.get("body", b""), message.get("more_body", False)
        if at:
            await self.forward(body_message(data[:at]))
        self.struck = True
        rest = body_message(data[at:], more=more)
        await self.strike(rest)

    async def on_frame(self, message: Message) -> None:
        if self.struck or self.remaining > 0:
            self.remaining -= 1
            return await self.forward(message)
        self.struck = True
        return await self.strike(message)

    async def send_event(self, data: Any, like: Message) -> None:
        """Send one more event in the response that ``like`` belongs to."""
        if like["type"] == "websocket.send":
            await self.forward(frame_message(json.dumps(data)))
        else:
            await self.forward(body_message(encode_event(data)))


class ResizingInterruption(Interruption, ABC):
    """An interruption that changes the length of the body."""

    async def on_start(self, message: Message) -> None:
        del MutableHeaders(scope=message)["content-length"]
        await self.forward(message)


class CutConnection(Interruption):
    """Close the connection without completing the response."""

    async def strike(self, _next: Message) -> None:
        await self.connection.cut()
        raise ResponseAborted


class ResetConnection(Interruption):
    """Reset the connection."""

    async def strike(self, _next: Message) -> None:
        await self.connection.reset()
        raise ResponseAborted


class Stall(Interruption):
    """Send nothing for a while, or until the client disconnects."""

    async def strike(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self.fault.number("for") or None):
                await self.connection.wait_lost()
        except TimeoutError:
            return await self.forward(message)
        raise ResponseAborted


class TruncateEvent(ResizingInterruption):
    """Send only the first half of the next event."""

    async def strike(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            text = message["text"]
            return await self.forward(frame_message(text[: len(text) // 2]))
        data, more = message["body"], message["more_body"]
        half = data[: len(data) // 2]
        end = b"\n\n" if self.is_event_stream else b""
        return await self.forward(body_message(half + end, more=more))


class SendError(Interruption):
    """Send an error event and end the stream; cut the connection if the body has no events."""

    async def strike(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not self.is_event_stream:
            await self.connection.cut()
            raise ResponseAborted
        text = self.fault.text("message", f"sandbox fault {self.fault.spec}")
        await self.send_event(self._event(message, text), message)
        if message["type"] == "websocket.send":
            await self.forward({"type": "websocket.close", "code": 1000})
        else:
            await self.forward(body_message(b"", more=False))
        raise ResponseAborted

    def _event(self, message: Message, text: str) -> dict[str, Any]:
        code = self.fault.text("code", "server_error")
        if message["type"] == "websocket.send":
            replaced: dict[str, Any] = json.loads(message["text"])
            details = {"code": code, "message": text, "details": {}}
            return replaced | {
                "type": "tts.response.error",
                "data": {"session_id": replaced["data"]["session_id"]} | details,
            }
        if b'"speech.' in message["body"]:
            kind = self.fault.text("type", "server_error")
            return {
                "type": "speech.audio.error",
                "error": {"message": text, "type": kind, "code": code},
            }
        return {"type": "error", "message": text}


class InsertEvent(ResizingInterruption):
    """Insert a large unknown event; a plain body is not changed."""

    async def strike(self, message: Message) -> None:
        if message["type"] == "websocket.send" or self.is_event_stream:
            padding = "x" * int(self.fault.number("bytes"))
            await self.send_event({"type": "sandbox.padding", "padding": padding}, message)
        await self.forward(message)


class Endless(ResizingInterruption):
    """Repeat the same event or bytes until the client disconnects."""

    async def strike(self, message: Message) -> None:
        repeated = message
        if message["type"] == "http.response.body":
            data = message["body"]
            repeated = body_message(data if self.is_event_stream else data.ljust(1024, b"\0"))
        while not self.connection.lost.is_set():
            await self.forward(repeated)
            await asyncio.sleep(0)
        raise ResponseAborted


class CloseWebSocket(Interruption):
    """Close a WebSocket with a code, or cut the connection of an HTTP response."""

    async def strike(self, message: Message) -> None:
        if message["type"] != "websocket.send":
            await self.connection.cut()
            raise ResponseAborted
        code = int(self.fault.number("code", 1011))
        await self.forward(
            {"type": "websocket.close", "code": code, "reason": self.fault.text("reason")}
        )
        raise ResponseAborted


INTERRUPTIONS: dict[str, type[Interruption]] = {
    "cut": CutConnection,
    "reset": ResetConnection,
    "stall": Stall,
    "malformed": TruncateEvent,
    "error": SendError,
    "frame": InsertEvent,
    "endless": Endless,
    "close": CloseWebSocket,
}
