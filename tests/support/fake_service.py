"""A fake of the service on a raw socket: prepared responses, each of which a fault can replace."""

from __future__ import annotations

import io
import json
import math
import re
import socket
import ssl
import threading
import wave
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.support.raw_server import RawServer, Request, handshake_response, raw_server

RATE = 24000


@cache
def tone(seconds: float, pitch: float = 440.0) -> bytes:
    """Return s16le mono at RATE."""
    turns = (2 * math.pi * pitch * at / RATE for at in range(round(seconds * RATE)))
    return b"".join(
        round(8000 * math.sin(turn)).to_bytes(2, "little", signed=True) for turn in turns
    )


def wav(samples: bytes) -> bytes:
    """A wav file of Return s16le mono at RATE."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes(samples)
    return made.getvalue()


TONE = tone(0.3)
WAV = wav(TONE)
MP3 = b"ID3\x04" + bytes(range(256)) * 40
SENTENCES = ("One is here.", "Two is here.")

_ENDPOINTS = (
    ("speech", "POST", r"/step_plan/v1/audio/speech"),
    ("realtime", "GET", r"/step_plan/v1/realtime/audio"),
    ("asr", "POST", r"/step_plan/v1/audio/asr/sse"),
    ("preview", "POST", r"/step_plan/v1/audio/voices/preview"),
    ("clone", "POST", r"/step_plan/v1/audio/voices"),
    ("voices", "GET", r"/v1/audio/voices"),
    ("system_voices", "GET", r"/v1/audio/system_voices"),
    ("files", "POST", r"/v1/files"),
    ("delete", "DELETE", r"/v1/files/[^/]+"),
    ("models", "GET", r"(?:/step_plan)?/v1/models"),
)


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    body: bytes
    kind: str = "application/json"
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = ()

    def head(self, *, length: int | None = None) -> bytes:
        """Return the bytes before the body; ``length`` may differ from its length."""
        reported = len(self.body) if length is None else length
        lines = [
            f"HTTP/1.1 {self.status}",
            f"Content-Type: {self.kind}",
            f"Content-Length: {reported}",
        ]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "X-Trace-Id: trace-1", "Connection: close", "", ""]).encode()

    @property
    def whole(self) -> bytes:
        return self.head() + self.body


class WebSocket:
    """The server side of a WebSocket, frame by frame."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._received = b""

    def accept(self, request: Request) -> None:
        """Answer the handshake."""
        self.connection.sendall(handshake_response(request))

    def frame(self, payload: bytes, opcode: int = 1, *, last: bool = True) -> None:
        """Send a frame: 1 text, 2 binary, 8 close, 9 ping."""
        size = len(payload)
        if size < 126:
            length = bytes([size])
        elif size < 1 << 16:
            length = b"\x7e" + size.to_bytes(2, "big")
        else:
            length = b"\x7f" + size.to_bytes(8, "big")
        self.connection.sendall(bytes([opcode | (0x80 if last else 0)]) + length + payload)

    def send(self, event: Any) -> None:
        """Send a message."""
        self.frame(json.dumps(event).encode())

    def close(self, code: int | None, reason: bytes = b"") -> None:
        """Send a close frame, empty if ``code`` is None."""
        self.frame(b"" if code is None else code.to_bytes(2, "big") + reason, 8)

    def receive(self) -> Any:
        """Return the client's next message; None for a close frame."""
        while True:
            first, second = self._exactly(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
            mask = self._exactly(4)
            payload = self._exactly(size)
            if first & 0xF == 8:
                return None
            if first & 0xF == 1:
                plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
                return json.loads(plain)

    def _exactly(self, size: int) -> bytes:
        while len(self._received) < size:
            block = self.connection.recv(65536)
            if not block:
                raise ConnectionError("the client is gone")
            self._received += block
        data, self._received = self._received[:size], self._received[size:]
        return data


Http = Callable[[socket.socket, Request, Answer], None]
"""Sends something in place of the correct response, which it receives."""
Frames = Callable[[WebSocket, dict[str, Any]], bool]
"""Acts in place of a message; returns whether the session continues."""


@dataclass(frozen=True)
class EndpointFault:
    """The fault of an endpoint, from its ``first`` request on.

    ``http`` takes over an answer, a handshake's too; ``frames`` the message number ``at``, from 0,
    of a session.
    """

    endpoint: str
    http: Http | None = None
    frames: Frames | None = None
    at: int = 0
    first: int = 1


@dataclass
class FakeService:
    """``requests`` are those since ``reset``."""

    server: RawServer
    requests: list[Request] = field(default_factory=list)
    fault: EndpointFault | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base(self) -> str:
        return self.server.base

    def reset(self, fault: EndpointFault | None = None) -> None:
        """Clear the requests and set the fault."""
        with self._turn:
            self.requests, self.fault = [], fault

    def of(self, endpoint: str) -> list[Request]:
        """Return the requests of one endpoint."""
        return [one for one in self.requests if endpoint_of(one) == endpoint]

    def respond(self, connection: socket.socket, request: Request) -> None:
        endpoint = endpoint_of(request)
        with self._turn:
            self.requests.append(request)
            fault = self.fault
            if fault and (fault.endpoint != endpoint or len(self.of(endpoint)) < fault.first):
                fault = None
        if fault and fault.http:
            fault.http(connection, request, _answer(request))
        elif endpoint == "realtime":
            _converse(WebSocket(connection), request, fault)
        else:
            connection.sendall(_answer(request).whole)


@contextmanager
def fake_service(tls: ssl.SSLContext | None = None) -> Iterator[FakeService]:
    """Yield a service on loopback."""
    with raw_server(lambda *received: service.respond(*received), tls) as server:
        service = FakeService(server)
        yield service


def endpoint_of(request: Request) -> str:
    """Return the name of an endpoint, or the method and path of a request that has none."""
    path = request.target.partition("?")[0]
    for name, method, pattern in _ENDPOINTS:
        if request.method == method and re.fullmatch(pattern, path):
            return name
    return f"{request.method} {path}"


def sse(*events: Any) -> bytes:
    """Return server-sent events; a string is sent as it is."""
    reported = (one if isinstance(one, str) else json.dumps(one) for one in events)
    return b"".join(f"data: {one}\n\n".encode() for one in reported)


def transcript_events() -> list[dict[str, Any]]:
    meta = {"session_id": "asr-session-1"}
    times = [("Hello", 0, 120), (" there.", 120, 280)]
    deltas = [
        {"type": "transcript.text.delta", "delta": text, "start_time": start, "end_time": end,
         "item_id": "item-1", "content_index": 0, "meta": meta}
        for text, start, end in times
    ]  # fmt: skip
    usage = {"type": "tokens", "input_tokens": 5, "output_tokens": 3, "total_tokens": 8}
    done = {"type": "transcript.text.done", "text": "Hello there.", "usage": usage, "meta": meta}
    return [*deltas, done]


def speech_events(sound: bytes) -> list[dict[str, Any] | str]:
    half = len(sound) // 2 & ~1
    deltas = [
        {"type": "speech.audio.delta", "audio": b64encode(part).decode()}
        for part in (sound[:half], sound[half:])
    ]
    return [*deltas, {"type": "speech.audio.done", "audio": ""}, "[DONE]"]


def answer_of(endpoint: str) -> Any:
    """Return the JSON response of an endpoint."""
    sound = b64encode(WAV).decode()
    lively = {"voice-name": "活力女孩", "voice-description": "活泼", "recommended_scene": "chat"}
    return {
        "preview": {"sample_text": "Hello!", "sample_audio": sound, "request_id": "request-1"},
        "clone": {"id": "voice-tone-1", "object": "audio.voice"},
        "voices": {
            "object": "list",
            "data": [{"id": "voice-tone-1", "file_id": "file-1", "created_at": 1760000000}],
            "has_more": False,
            "first_id": "voice-tone-1",
            "last_id": "voice-tone-1",
        },
        "system_voices": {"voices": ["lively-girl"], "voices-details": {"lively-girl": lively}},
        "files": {"id": "file-1", "object": "file", "bytes": 9, "purpose": "storage"},
        "delete": {"id": "file-1", "deleted": True},
        "models": {"object": "list", "data": [{"id": "stepaudio-2.5-tts", "object": "model"}]},
    }[endpoint]


def _answer(request: Request) -> Answer:
    match endpoint_of(request):
        case "speech":
            return _speech(request.json)
        case "asr":
            b64decode(request.json["audio"]["data"], validate=True)
            return Answer(sse(*transcript_events()), "text/event-stream")
        case "realtime":
            return Answer(b"", status="426 Upgrade Required")
        case name if " " in name:
            return Answer(b'{"error": {"message": "no such path"}}', status="404 Not Found")
        case name:
            return Answer(json.dumps(answer_of(name), ensure_ascii=False).encode())


def _speech(body: Any) -> Answer:
    sounds = {"pcm": TONE, "wav": WAV}
    sound = sounds.get(body["response_format"], MP3)
    if body.get("stream_format") == "sse":
        return Answer(sse(*speech_events(sound)), "text/event-stream")
    return Answer(sound, "audio/mpeg")


def session_events() -> list[dict[str, Any]]:
    """Return the messages of a session; all but the first two follow ``done``."""
    sound = b64encode(TONE).decode()
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("tts.connection.done", {}),
        ("tts.response.created", {}),
    ]
    for text in SENTENCES:
        delta = {"status": "finished", "audio": sound, "duration": 0.3}
        kinds += [
            ("tts.response.sentence.start", {"text": text, "started_at": 1}),
            ("tts.response.audio.delta", delta),
            ("tts.response.sentence.end", {"text": text, "ended_at": 2}),
        ]
    kinds.append(("tts.response.audio.done", {"audio": ""}))
    session = {"session_id": "tts-session-1"}
    return [
        {"event_id": f"event-{number}", "type": kind, "data": session | data}
        for number, (kind, data) in enumerate(kinds)
    ]


def _converse(socket: WebSocket, request: Request, fault: EndpointFault | None) -> None:
    socket.accept(request)
    events = session_events()
    awaited = {1: "tts.create", 2: "tts.text.done"}
    for number, event in enumerate(events):
        if number in awaited and not _received(socket, awaited[number]):
            return
        if fault and fault.frames and number == fault.at:
            if not fault.frames(socket, event):
                return
        else:
            socket.send(event)
    socket.close(1000)
    socket.receive()


def _received(socket: WebSocket, kind: str) -> bool:
    while (message := socket.receive()) is not None:
        if message["type"] == kind:
            return True
    return False
