"""What goes over the wire: totals for ``--verbose``, and a log with bodies for ``--debug``."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from stepcli.redaction import shorten

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("stepcli.wire")

_LONGEST_LINE = 4000
_LARGEST_BUFFER = 64 * 1024
"""Bytes of one line of a body that are kept for the log."""
_SOUND = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
_TEXT_TYPES = ("application/json", "text/")


class Traffic:
    """The totals of a run. Safe to share between threads.

    ``first_byte`` is the time in seconds from the first request to the first byte of its answer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin a new run."""
        self.models: list[str] = []
        self.requests = 0
        self.reused = 0
        self.sent = 0
        self.received = 0
        self.first_byte: float | None = None
        self._started: float | None = None

    def request(self, model: str | None, size: int = 0) -> None:
        """Count a request that is being sent, with ``size`` bytes of body."""
        with self._lock:
            self._started = self._started or monotonic()
            self.requests += 1
            self.sent += size
            if model and model not in self.models:
                self.models.append(model)

    def transfer(self, *, sent: int = 0, received: int = 0) -> None:
        """Count bytes of a body or a frame."""
        with self._lock:
            self.sent += sent
            self.received += received
            if received and self.first_byte is None and self._started is not None:
                self.first_byte = monotonic() - self._started

    def reuse(self) -> None:
        """Count a part that an earlier run kept."""
        with self._lock:
            self.reused += 1

    def describe(self) -> str | None:
        """Return a line about the run; None if it needed nothing from the service."""
        if not (self.requests or self.reused):
            return None
        parts = [
            ", ".join(self.models),
            f"{self.requests:,} request{'' if self.requests == 1 else 's'}",
            f"{self.reused:,} part{'' if self.reused == 1 else 's'} reused",
            f"{self.sent:,} bytes sent",
            f"{self.received:,} bytes received",
        ]
        if self.first_byte is not None:
            parts.append(f"first byte after {1000 * self.first_byte:.0f} ms")
        return ", ".join(filter(None, parts))


traffic = Traffic()
"""The totals of this process, which runs one command."""


def log_frame(direction: str, frame: str | bytes) -> None:
    """Log a WebSocket frame or a line of a body, its sound summarized."""
    if log.isEnabledFor(logging.DEBUG):
        text = frame if isinstance(frame, str) else frame.decode(errors="backslashreplace")
        log.debug("%s %s", direction, shorten(_SOUND.sub(_summarized, text), _LONGEST_LINE))


def _summarized(sound: re.Match[str]) -> str:
    return summary_of_sound(len(sound[0]) * 3 // 4)


def summary_of_sound(size: int) -> str:
    """Return what the log shows in place of ``size`` bytes of audio."""
    return f"<sound, {size:,} bytes>"


def log_request(request: httpx.Request, body: Mapping[str, Any] | None) -> None:
    """Log the head of ``request`` and its JSON ``body``."""
    if not log.isEnabledFor(logging.DEBUG):
        return
    log.debug("> %s %s", request.method, request.url)
    for name, value in request.headers.items():
        log.debug("> %s: %s", name, value)
    if body is not None:
        log_frame(">", json.dumps(body, ensure_ascii=False))
    elif size := int(request.headers.get("content-length", 0)):
        log.debug("> <body, %s bytes>", f"{size:,}")


def recorded(stream: httpx.SyncByteStream, response: httpx.Response) -> httpx.SyncByteStream:
    """Return ``stream``, the body of ``response``, so that reading it counts and logs it."""
    import httpx

    class Recorded(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            body = _BodyLog(response.headers)
            try:
                for block in stream:
                    traffic.transfer(received=len(block))
                    body.add(block)
                    yield block
            finally:
                body.end()

        def close(self) -> None:
            stream.close()

    log_response(response)
    return Recorded()


def log_response(response: httpx.Response) -> None:
    """Log the head of ``response``."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("< %d %s", response.status_code, response.reason_phrase)
        for name, value in response.headers.items():
            log.debug("< %s: %s", name, value)


class _BodyLog:
    """Logs text line by line, and of anything else the size."""

    def __init__(self, headers: Any) -> None:
        self._kind = headers.get("content-type", "").partition(";")[0] or "unknown type"
        is_text = self._kind.startswith(_TEXT_TYPES) and "content-encoding" not in headers
        self._enabled = log.isEnabledFor(logging.DEBUG)
        self._line: bytearray | None = bytearray() if is_text and self._enabled else None
        self._size = 0

    def add(self, block: bytes) -> None:
        self._size += len(block)
        if self._line is None:
            return
        *lines, rest = block.split(b"\n")
        for line in lines:
            self._append(line)
            self._flush()
        self._append(rest)

    def end(self) -> None:
        if self._line is not None:
            self._flush()
        elif self._enabled and self._size:
            log.debug("< <%s, %s bytes>", self._kind, f"{self._size:,}")

    def _append(self, text: bytes) -> None:
        assert self._line is not None
        self._line += text[: _LARGEST_BUFFER - len(self._line)]

    def _flush(self) -> None:
        assert self._line is not None
        if line := bytes(self._line).strip():
            log_frame("<", line)
        self._line.clear()


def model_in(body: object) -> str | None:
    """Return the model that the JSON ``body`` of a request names."""
    if not isinstance(body, Mapping):
        return None
    model = body.get("model")
    if isinstance(model, str):
        return model
    return next(filter(None, map(model_in, body.values())), None)
