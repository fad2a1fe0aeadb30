"""Faults that change a response as it passes: its headers, bytes, events or WebSocket messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

from stepcli.sandbox.faults.spec import FaultSpec


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


class Transform(ResponseFilter):
    """A filter with the settings of a fault."""

    def __init__(self, send: Send, fault: FaultSpec) -> None:
        super().__init__(send)
        self.fault = fault


class ReplaceContentType(Transform):
    """Replace the content type."""

    async def on_start(self, message: Message) -> None:
        MutableHeaders(scope=message)["content-type"] = self.fault.text("value")
        await self.forward(message)


class AddLongHeader(Transform):
    """Add a long header."""

    async def on_start(self, message: Message) -> None:
        MutableHeaders(scope=message)["x-padding"] = "x" * int(self.fault.number("bytes"))
        await self.forward(message)


class LimitRate(Transform):
    """Send at a limited rate."""

    async def on_body(self, message: Message) -> None:
        data, rate = message.get("body", b""), self.fault.number("rate")
        size = int(self.fault.number("piece", max(1.0, rate // 10)))
        for start in range(0, len(data), size):
            await self.forward(body_message(data[start : start + size]))
            await asyncio.sleep(size / rate)
        if not message.get("more_body", False):
            await self.forward(body_message(b"", more=False))

    async def on_frame(self, message: Message) -> None:
        await asyncio.sleep(len(message["text"]) / self.fault.number("rate"))
        await self.forward(message)


class EventTransform(Transform):
    """Replace each event, or the JSON object of a plain response, by any number of objects."""

    _held: Message | None = None

    def transform(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """Return what is sent in place of one object."""
        return [data]

    async def on_start(self, message: Message) -> None:
        if self.media_type == "application/json":
            self._held = message  # its Content-Length is not known yet
        else:
            await self.forward(message)

    async def on_body(self, message: Message) -> None:
        if self._held is not None:
            return await self._send_object(self._held, message)
        data = decode_event(message["body"]) if self.is_event_stream else None
        if not isinstance(data, dict):
            return await self.forward(message)
        for each in self.transform(data):
            await self.forward(body_message(encode_event(each)))
        return None

    async def _send_object(self, start: Message, message: Message) -> None:
        objects = self.transform(json.loads(message["body"]))
        data = b"".join(json.dumps(each).encode() for each in objects)
        MutableHeaders(scope=start)["content-length"] = str(len(data))
        await self.forward(start)
        await self.forward(body_message(data, more=False))

    async def on_frame(self, message: Message) -> None:
        for each in self.transform(json.loads(message["text"])):
            await self.forward(frame_message(json.dumps(each)))


class DropEvent(EventTransform):
    """Leave out the events of a type."""

    def transform(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        return [] if data.get("type") == self.fault.text("event") else [data]


class RepeatEvent(EventTransform):
    """Send the events of a type twice."""

    def transform(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        return [data] * (2 if data.get("type") == self.fault.text("event") else 1)


class EmptyFinalText(EventTransform):
    """Leave the final text of a recognition empty, although its deltas had text."""

    def transform(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        return [data | {"text": ""} if data.get("type") == "transcript.text.done" else data]


class EditField(EventTransform):
    """Change or remove a field."""

    def transform(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        *path, name = self.fault.text("field").split(".")
        parent: Any = data
        for step in path:
            parent = parent.get(step) if isinstance(parent, dict) else None
        if isinstance(parent, dict) and name in parent:
            self._edit(parent, name)
        return [data]

    def _edit(self, parent: dict[str, Any], name: str) -> None:
        if "value" not in self.fault.settings:
            del parent[name]
            return
        try:
            parent[name] = json.loads(self.fault.text("value"))
        except ValueError:
            parent[name] = self.fault.text("value")


TRANSFORMS: dict[str, type[Transform]] = {
    "type": ReplaceContentType,
    "header": AddLongHeader,
    "drip": LimitRate,
    "drop": DropEvent,
    "repeat": RepeatEvent,
    "empty-done": EmptyFinalText,
    "edit": EditField,
}
