"""Log every request and its response, and every message of a WebSocket."""

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

from stepcli.sandbox.middleware.connections import ConnectionTracker
from stepcli.sandbox.middleware.gateway import request_context

_MAX_ENTRIES = 20_000
_SUMMARIZE_IN_THREAD_FROM = 1 << 16  # bytes
_MASKED_HEADERS = {"authorization", "proxy-authorization", "cookie"}
_AUDIO_FIELDS = {"audio", "data", "sample_audio"}

LogEntry = dict[str, Any]


class RequestLog:
    """The latest entries in memory, and optionally all of them in a file."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: deque[LogEntry] = deque(maxlen=_MAX_ENTRIES)
        self._file = path.open("a", encoding="utf-8", buffering=1) if path else None

    def write(self, entry: LogEntry) -> None:
        """Append an entry."""
        self.entries.append(entry)
        if self._file:
            with suppress(OSError):  # a full disk must not stop the service
                self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._file:
            with suppress(OSError):
                self._file.close()


class RequestLogger:
    """Log every request before the last byte of its response is sent."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app, self._log = app, log
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._active += 1
        kind = _WebSocketRecord if scope["type"] == "websocket" else _HttpRecord
        record = kind(scope, receive, send, self._log, self._active)
        try:
            await self._app(scope, record.receive, record.send)
        finally:
            self._active -= 1
            record.close()


class _Record:
    """The fields that all entries share.

    ``busy`` is the number of requests in progress when this one arrived, including itself.
    """

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, log: RequestLog, busy: int
    ) -> None:
        self._scope, self._receive, self._send, self._log = scope, receive, send, log
        self._started = time.monotonic()
        connections: ConnectionTracker = scope["state"]["connections"]
        context = request_context(scope)
        self._entry: LogEntry = {
            "time": _now(),
            "endpoint": context.endpoint,
            "n": context.n,
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "headers": _headers(scope),
            "trace_id": context.trace_id,
            "busy": busy,
            "connection": {
                "id": context.connection.id,
                "open": connections.in_use,
                "peak": connections.peak,
            },
        }

    def _write(self, **more: Any) -> None:
        seconds = round(time.monotonic() - self._started, 4)
        fault = request_context(self._scope).fault
        self._log.write(self._entry | {"fault": fault, "seconds": seconds} | more)


class _HttpRecord(_Record):
    """One entry for an HTTP request and its response."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._entry |= {"method": self._scope["method"], "body": None, "status": None, "bytes": 0}
        self._chunks: list[bytes] = []
        self._response_type, self._response = "", b""
        self._written = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._summarize_body()
        return message

    async def _summarize_body(self) -> None:
        data, self._chunks = b"".join(self._chunks), []
        media_type = Headers(scope=self._scope).get("content-type", "")
        if len(data) > _SUMMARIZE_IN_THREAD_FROM:
            self._entry["body"] = await run_in_threadpool(summarize, data, media_type)
        elif data:
            self._entry["body"] = summarize(data, media_type)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._entry["status"] = message["status"]
            self._response_type = Headers(scope=message).get("content-type", "")
        elif message["type"] == "http.response.body":
            self._add_response(message.get("body", b""))
            if not message.get("more_body", False):
                self.close()
        await self._send(message)

    def _add_response(self, data: bytes) -> None:
        self._entry["bytes"] += len(data)
        if self._response_type == "application/json":
            self._response += data

    def close(self) -> None:
        """Write the entry, once."""
        if not self._written:
            self._written = True
            response = summarize(self._response, self._response_type) if self._response else None
            self._write(answer=response)


class _WebSocketRecord(_Record):
    """One entry when a WebSocket opens, one for every message, and one when it closes."""

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.connect":
            self._write(event="open")
        elif message["type"] == "websocket.receive":
            self._write_message("received", message)
        elif message["type"] == "websocket.disconnect":
            self._write_event(event="closed by the client", code=message.get("code"))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            self._write_message("sent", message)
        elif message["type"] == "websocket.close":
            self._write_event(event="closed by the service", code=message.get("code"))
        elif message["type"] == "websocket.http.response.start":
            self._write_event(event="refused", status=message["status"])
        await self._send(message)

    def close(self) -> None:
        """Write the last entry, with the duration of the session."""
        self._write_event(event="end", fault=request_context(self._scope).fault)

    def _write_message(self, event: str, message: Message) -> None:
        data = (message.get("text") or "").encode() or message.get("bytes") or b""
        summary = summarize(data, "application/json")
        self._write_event(event=event, message=summary, bytes=len(data))

    def _write_event(self, **more: Any) -> None:
        seconds = round(time.monotonic() - self._started, 4)
        same = {name: self._entry[name] for name in ("endpoint", "n", "connection")}
        self._log.write({"time": _now(), **same, "seconds": seconds} | more)


def _headers(scope: Scope) -> dict[str, str]:
    return {
        name: "***" if name in _MASKED_HEADERS else value
        for name, value in Headers(scope=scope).items()
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def summarize(data: bytes, media_type: str) -> Any:
    """Return JSON with base64 audio replaced by its size and SHA-256.

    For anything but JSON return only the size and the hash.
    """
    if "json" in media_type:
        try:
            return _summarize_value(json.loads(data))
        except (ValueError, RecursionError):
            pass
    return _fingerprint(data)


def _summarize_value(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _summarize_value(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_summarize_value(inner) for inner in value]
    if name in _AUDIO_FIELDS and isinstance(value, str) and value:
        return _summarize_audio(value)
    return value


def _summarize_audio(text: str) -> Any:
    try:
        return _fingerprint(b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return text[:100]


def _fingerprint(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
