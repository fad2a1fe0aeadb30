"""A minimal server for time measurements: it records moments and sends prepared responses.

The sandbox computes its responses, which would be measured as well.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Event
from websockets.server import ServerProtocol

PATIENCE = 60.0
"""The seconds after which a silent program is considered stuck."""

_RECEIVED = 1 << 20


class TimedServer:
    """A server of one connection after another, with the moment of each one's first byte."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._socket.settimeout(PATIENCE)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.origin = f"http://{self.address}"
        self.key = "bench"
        self.accepted_at = 0.0
        self.environ = {
            "STEPCLI_BASE_URL": f"http://{self.address}/step_plan/v1",
            "STEP_API_KEY": self.key,
        }

    @contextmanager
    def next_connection(self) -> Iterator[tuple[socket.socket, float]]:
        connection, _ = self._socket.accept()
        self.accepted_at = monotonic()
        with connection:
            connection.settimeout(PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(1, socket.MSG_PEEK)
            yield connection, monotonic()

    def close(self) -> None:
        self._socket.close()


def take_request(connection: socket.socket) -> int:
    """Read a request and return the number of bytes of its body."""
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        assert received, "the connection was closed early"
        head += received
    head, _, body = head.partition(b"\r\n\r\n")
    size = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    left, room = size - len(body), bytearray(_RECEIVED)
    while left:
        left -= connection.recv_into(room, min(left, len(room)))
    return size


def answer_head(kind: str, size: int, connection: str = "close") -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n"
        f"Connection: {connection}\r\n\r\n"
    ).encode()


def events(*messages: dict[str, str]) -> bytes:
    """Return server-sent events."""
    return b"".join(b"data: " + json.dumps(message).encode() + b"\n\n" for message in messages)


TRANSCRIPT = events({"type": "transcript.text.done", "text": "A park."})


class Sink:
    """A receiver of parallel recognition requests that measures their speed."""

    def __init__(self, server: TimedServer) -> None:
        self._server = server
        self._turn = threading.Lock()
        self._first, self._last, self._size = float("inf"), 0.0, 0

    @contextmanager
    def open(self, at_once: int) -> Iterator[None]:
        """Accept requests during the block; requests beyond ``at_once`` wait."""
        for _ in range(at_once):
            threading.Thread(target=self._serve, daemon=True).start()
        yield

    def take_speed(self) -> float:
        """Return the bytes per second from the first to the last byte received, and reset."""
        with self._turn:
            speed = self._size / (self._last - self._first)
            self._first, self._last, self._size = float("inf"), 0.0, 0
        return speed

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                with self._server.next_connection() as (connection, began):
                    self._take(connection, began)

    def _take(self, connection: socket.socket, began: float) -> None:
        size = take_request(connection)
        ended = monotonic()
        with self._turn:
            self._first, self._last = min(self._first, began), max(self._last, ended)
            self._size += size
        connection.sendall(answer_head("text/event-stream", len(TRANSCRIPT)) + TRANSCRIPT)


class RealtimeSession:
    """One realtime session on a connection, up to its first audio; text came at `received_at`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._protocol = ServerProtocol()
        self._waiting: list[Event] = []
        self._text = ""
        self.received_at = 0.0
        request = self._next()
        assert isinstance(request, Request)
        self._protocol.send_response(self._protocol.accept(request))
        self._send("tts.connection.done")

    def receive_text(self) -> None:
        """Receive all text that is to be spoken."""
        kind = ""
        while kind != "tts.text.done":
            frame = self._next()
            assert isinstance(frame, Frame)
            asked = json.loads(bytes(frame.data))
            kind = asked["type"]
            if kind == "tts.text.delta":
                self.received_at = self.received_at or monotonic()
            self._text += asked["data"].get("text", "")
            if kind == "tts.create":
                self._send("tts.response.created")
        self._send("tts.response.sentence.start", text=self._text)

    def speak(self, frame: bytes) -> None:
        self._protocol.send_text(frame)
        self._flush()

    def finish(self) -> None:
        self._send("tts.response.sentence.end", text=self._text)
        self._send("tts.response.audio.done", audio="")
        self._protocol.send_close(1000)
        self._flush()

    def _send(self, kind: str, **data: object) -> None:
        self.speak(message(kind, **data))

    def _next(self) -> Event:
        while not self._waiting:
            data = self._connection.recv(65536)
            assert data, "the connection was closed early"
            self._protocol.receive_data(data)
            self._waiting += self._protocol.events_received()
        return self._waiting.pop(0)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._connection.sendall(data)


def message(kind: str, **data: object) -> bytes:
    return json.dumps({"type": kind, "data": {"session_id": "bench", **data}}).encode()


def audio_delta(seconds: float, rate: int = 24000) -> bytes:
    """Return a frame with that much noise."""
    audio = b64encode(os.urandom(2 * round(seconds * rate))).decode()
    return message("tts.response.audio.delta", status="unfinished", audio=audio, duration=seconds)
