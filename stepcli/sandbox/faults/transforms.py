"""Faults that change a response as it passes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from stepcli.sandbox.faults.filters import (
    ResponseFilter,
    body_message,
    decode_event,
    encode_event,
    frame_message,
)
from stepcli.sandbox.faults.spec import FaultSpec


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
