"""Faults that change an answer as it goes by."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from stepcli.sandbox.mischief.grammar import Fault
from stepcli.sandbox.mischief.units import Outlet, body, event, event_data, frame


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
