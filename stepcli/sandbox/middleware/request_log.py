"""What the service was asked and what it answered: an entry a request, a message of a WebSocket."""

from __future__ import annotations

import binascii
import hashlib
import json
import time
from base64 import b64decode
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepcli.sandbox.middleware.connections import Connections
from stepcli.sandbox.middleware.request_context import visit_of

_SOUND = {"audio", "data", "sample_audio"}


def summary(data: bytes, media_type: str) -> Any:
    """JSON with size and SHA-256 in place of base64 sound; of anything else only those."""
    if "json" in media_type:
        try:
            return _brief(json.loads(data))
        except (ValueError, RecursionError):
            pass
    return _fingerprint(data)


def _brief(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _brief(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_brief(inner) for inner in value]
    return _sound(value) if name in _SOUND and isinstance(value, str) and value else value


def _sound(text: str) -> Any:
    try:
        return _fingerprint(b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return text[:100]


def _fingerprint(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


_KEPT = 20_000  # entries
_LARGE = 1 << 16  # bytes; more is summarised in a thread
_MASKED = {"authorization", "proxy-authorization", "cookie"}

Entry = dict[str, Any]


class Log:
    """The last entries in memory, and all of them in a file if there is one."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: deque[Entry] = deque(maxlen=_KEPT)
        self._file = path.open("a", encoding="utf-8", buffering=1) if path else None

    def write(self, entry: Entry) -> None:
        """Add an entry."""
        self.entries.append(entry)
        if self._file:
            with suppress(OSError):  # a full disk is no reason to stop serving
                self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._file:
            with suppress(OSError):
                self._file.close()


class Journal:
    """Writes down every request for the service, before the last byte of its answer goes out."""

    def __init__(self, app: ASGIApp, log: Log) -> None:
        self._app, self._log = app, log
        self._busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        self._busy += 1
        kind = _Dialogue if scope["type"] == "websocket" else _Exchange
        record = kind(scope, receive, send, self._log, self._busy)
        try:
            await self._app(scope, record.receive, record.send)
        finally:
            self._busy -= 1
            record.close()


class _Record:
    """What an entry says of any request.

    ``busy`` is how many requests were being served when this one came, it included.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, log: Log, busy: int) -> None:
        self._scope, self._receive, self._send, self._log = scope, receive, send, log
        self._begun = time.monotonic()
        connections: Connections = scope["state"]["connections"]
        visit = visit_of(scope)
        self._entry: Entry = {
            "time": _now(),
            "endpoint": visit.endpoint,
            "n": visit.n,
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "headers": _headers(scope),
            "trace_id": visit.trace_id,
            "busy": busy,
            "connection": {
                "id": visit.connection.id,
                "open": connections.serving,
                "peak": connections.peak,
            },
        }

    def _write(self, **more: Any) -> None:
        seconds = round(time.monotonic() - self._begun, 4)
        fault = visit_of(self._scope).fault
        self._log.write(self._entry | {"fault": fault, "seconds": seconds} | more)


class _Exchange(_Record):
    """One HTTP request and its answer: an entry."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._entry |= {"method": self._scope["method"], "body": None, "status": None, "bytes": 0}
        self._chunks: list[bytes] = []
        self._answer_type, self._answer = "", b""
        self._written = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._summarise()
        return message

    async def _summarise(self) -> None:
        data, self._chunks = b"".join(self._chunks), []
        media_type = Headers(scope=self._scope).get("content-type", "")
        if len(data) > _LARGE:
            self._entry["body"] = await run_in_threadpool(summary, data, media_type)
        elif data:
            self._entry["body"] = summary(data, media_type)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._entry["status"] = message["status"]
            self._answer_type = Headers(scope=message).get("content-type", "")
        elif message["type"] == "http.response.body":
            self._note(message.get("body", b""))
            if not message.get("more_body", False):
                self.close()
        await self._send(message)

    def _note(self, data: bytes) -> None:
        self._entry["bytes"] += len(data)
        if self._answer_type == "application/json":
            self._answer += data

    def close(self) -> None:
        """Write the entry, once."""
        if not self._written:
            self._written = True
            answer = summary(self._answer, self._answer_type) if self._answer else None
            self._write(answer=answer)


class _Dialogue(_Record):
    """One WebSocket: an entry at its opening, one a message, one at its close."""

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.connect":
            self._write(event="open")
        elif message["type"] == "websocket.receive":
            self._message("received", message)
        elif message["type"] == "websocket.disconnect":
            self._log_event(event="closed by the client", code=message.get("code"))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            self._message("sent", message)
        elif message["type"] == "websocket.close":
            self._log_event(event="closed by the service", code=message.get("code"))
        elif message["type"] == "websocket.http.response.start":
            self._log_event(event="refused", status=message["status"])
        await self._send(message)

    def close(self) -> None:
        """Write how long it took."""
        self._log_event(event="end", fault=visit_of(self._scope).fault)

    def _message(self, event: str, message: Message) -> None:
        data = (message.get("text") or "").encode() or message.get("bytes") or b""
        self._log_event(event=event, message=summary(data, "application/json"), bytes=len(data))

    def _log_event(self, **more: Any) -> None:
        seconds = round(time.monotonic() - self._begun, 4)
        same = {name: self._entry[name] for name in ("endpoint", "n", "connection")}
        self._log.write({"time": _now(), **same, "seconds": seconds} | more)


def _headers(scope: Scope) -> dict[str, str]:
    return {
        name: "***" if name in _MASKED else value for name, value in Headers(scope=scope).items()
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
