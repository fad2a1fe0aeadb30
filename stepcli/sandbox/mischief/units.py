"""An answer on its way out: bytes of a body, events of a stream, frames of a WebSocket."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Send


class Dropped(Exception):
    """Ends the making of an answer whose connection is gone, or which has ended otherwise."""


class Outlet:
    """A ``send`` that changes nothing; kinds of it override its three hooks."""

    def __init__(self, send: Send) -> None:
        self.pass_on = send
        self.media_type = ""

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.media_type = Headers(scope=message).get("content-type", "").partition(";")[0]
            await self.start(message)
        elif kind == "http.response.body":
            await self.body(message)
        elif kind == "websocket.send":
            await self.frame(message)
        else:
            await self.pass_on(message)

    async def start(self, message: Message) -> None:
        """The status and the headers."""
        await self.pass_on(message)

    async def body(self, message: Message) -> None:
        """Some of a body; of a stream, exactly one event, or the empty end."""
        await self.pass_on(message)

    async def frame(self, message: Message) -> None:
        """A message over a WebSocket."""
        await self.pass_on(message)

    @property
    def streams(self) -> bool:
        """Whether the answer is server-sent events."""
        return self.media_type == "text/event-stream"


def body(data: bytes, *, more: bool = True) -> Message:
    """Some bytes of an answer."""
    return {"type": "http.response.body", "body": data, "more_body": more}


def frame(text: str) -> Message:
    """A WebSocket's message."""
    return {"type": "websocket.send", "text": text}


def event(data: Any) -> bytes:
    """A server-sent event."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def event_data(line: bytes) -> Any:
    """What a server-sent event carries; ``None`` when it is not JSON."""
    try:
        return json.loads(line.removeprefix(b"data: "))
    except ValueError:
        return None
