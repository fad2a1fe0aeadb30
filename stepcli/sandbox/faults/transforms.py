"""Faults that change an answer as it goes by."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

from stepcli.sandbox.faults.spec import Fault


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


class Altered(Outlet):
    """Has the fault that says how."""

    def __init__(self, send: Send, fault: Fault) -> None:
        super().__init__(send)
        self.fault = fault


class Type(Altered):
    """Another content type."""

    async def start(self, message: Message) -> None:
        MutableHeaders(scope=message)["content-type"] = self.fault.text("value")
        await self.pass_on(message)


class Header(Altered):
    """One header more, and a long one."""

    async def start(self, message: Message) -> None:
        MutableHeaders(scope=message)["x-padding"] = "x" * int(self.fault.number("bytes"))
        await self.pass_on(message)


class Drip(Altered):
    """A slow line."""

    async def body(self, message: Message) -> None:
        data, rate = message.get("body", b""), self.fault.number("rate")
        piece = int(self.fault.number("piece", max(1.0, rate // 10)))
        for start in range(0, len(data), piece):
            await self.pass_on(body(data[start : start + piece]))
            await asyncio.sleep(piece / rate)
        if not message.get("more_body", False):
            await self.pass_on(body(b"", more=False))

    async def frame(self, message: Message) -> None:
        await asyncio.sleep(len(message["text"]) / self.fault.number("rate"))
        await self.pass_on(message)


class Events(Altered):
    """Events, or the one JSON object of a plain answer, each made into none or more of them."""

    _held: Message | None = None

    def altered(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """What goes out for one of them."""
        return [data]

    async def start(self, message: Message) -> None:
        if self.media_type == "application/json":
            self._held = message  # its Content-Length is not known yet
        else:
            await self.pass_on(message)

    async def body(self, message: Message) -> None:
        if self._held is not None:
            return await self._object(self._held, message)
        data = event_data(message["body"]) if self.streams else None
        if not isinstance(data, dict):
            return await self.pass_on(message)
        for each in self.altered(data):
            await self.pass_on(body(event(each)))
        return None

    async def _object(self, start: Message, message: Message) -> None:
        objects = self.altered(json.loads(message["body"]))
        data = b"".join(json.dumps(each).encode() for each in objects)
        MutableHeaders(scope=start)["content-length"] = str(len(data))
        await self.pass_on(start)
        await self.pass_on(body(data, more=False))

    async def frame(self, message: Message) -> None:
        for each in self.altered(json.loads(message["text"])):
            await self.pass_on(frame(json.dumps(each)))


class Drop(Events):
    """Without the events of a type."""

    def altered(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        return [] if data.get("type") == self.fault.text("event") else [data]


class Repeat(Events):
    """With the events of a type twice."""

    def altered(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        return [data] * (2 if data.get("type") == self.fault.text("event") else 1)


class Edit(Events):
    """With a field changed or missing."""

    def altered(self, data: dict[str, Any]) -> Iterable[dict[str, Any]]:
        *path, name = self.fault.text("field").split(".")
        holder: Any = data
        for step in path:
            holder = holder.get(step) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and name in holder:
            self._change(holder, name)
        return [data]

    def _change(self, holder: dict[str, Any], name: str) -> None:
        if "value" not in self.fault.settings:
            del holder[name]
            return
        try:
            holder[name] = json.loads(self.fault.text("value"))
        except ValueError:
            holder[name] = self.fault.text("value")


ALTERED: dict[str, type[Altered]] = {
    "type": Type,
    "header": Header,
    "drip": Drip,
    "drop": Drop,
    "repeat": Repeat,
    "edit": Edit,
}
