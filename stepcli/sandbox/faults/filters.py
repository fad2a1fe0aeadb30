"""The base of all faults that see a response pass: bytes, events or WebSocket messages."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Send


class ResponseAborted(Exception):
    """Raised to stop producing a response whose connection is gone or which has ended early."""


class ResponseFilter:
    """An ASGI ``send`` that changes nothing; subclasses override its three hooks."""

    def __init__(self, send: Send) -> None:
        self.forward = send
        self.media_type = ""

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.media_type = Headers(scope=message).get("content-type", "").partition(";")[0]
            await self.on_start(message)
        elif kind == "http.response.body":
            await self.on_body(message)
        elif kind == "websocket.send":
            await self.on_frame(message)
        else:
            await self.forward(message)

    async def on_start(self, message: Message) -> None:
        """Handle the status and headers."""
        await self.forward(message)

    async def on_body(self, message: Message) -> None:
        """Handle part of a body; of an event stream, exactly one event or the empty end."""
        await self.forward(message)

    async def on_frame(self, message: Message) -> None:
        """Handle a WebSocket message."""
        await self.forward(message)

    @property
    def is_event_stream(self) -> bool:
        """Return whether the response consists of server-sent events."""
        return self.media_type == "text/event-stream"


def body_message(data: bytes, *, more: bool = True) -> Message:
    """Return the ASGI message for part of a body."""
    return {"type": "http.response.body", "body": data, "more_body": more}


def frame_message(text: str) -> Message:
    """Return the ASGI message for a WebSocket text frame."""
    return {"type": "websocket.send", "text": text}


def encode_event(data: Any) -> bytes:
    """Return a server-sent event."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def decode_event(line: bytes) -> Any:
    """Return the data of a server-sent event, or ``None`` if it is not JSON."""
    try:
        return json.loads(line.removeprefix(b"data: "))
    except ValueError:
        return None
