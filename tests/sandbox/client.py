"""Clients of a sandbox that share no code with stepcli."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

from tests.support.service import Sandbox, sandbox

SENTENCE = "Today is a good day for a walk in the park"


@dataclass(frozen=True)
class SandboxClient(Sandbox):
    """A running sandbox and a client of its API; ``api`` sends the right key."""

    api: httpx.Client

    @property
    def open(self) -> str:
        """The open base."""
        return f"{self.origin}/v1"

    def speak(self, text: str = SENTENCE, **more: Any) -> httpx.Response:
        """Request speech, by default with the default voice."""
        body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": text} | more
        return self.api.post(f"{self.base}/audio/speech", json=body)

    def recognize(
        self, data: bytes, format: dict[str, Any], **transcription: Any
    ) -> httpx.Response:
        """Request a recognition."""
        options = {"model": "stepaudio-2.5-asr", "language": "en"} | transcription
        audio = {
            "data": b64encode(data).decode(),
            "input": {"transcription": options, "format": format},
        }
        return self.api.post(f"{self.base}/audio/asr/sse", json={"audio": audio})

    def upload(self, data: bytes, name: str = "sample.wav") -> str:
        """Upload a file and return its id."""
        form = {"data": {"purpose": "storage"}, "files": {"file": (name, data)}}
        response = self.api.post(f"{self.open}/files", **form)  # type: ignore[arg-type]
        return str(response.raise_for_status().json()["id"])

    def connect(self, model: str = "stepaudio-2.5-tts") -> AbstractContextManager[ClientConnection]:
        """Return a realtime connection."""
        url = f"{self.base.replace('http', 'ws', 1)}/realtime/audio?model={model}"
        key = {"Authorization": self.api.headers["Authorization"]}
        return connect(url, additional_headers=key, close_timeout=1, max_size=None)

    def refused_handshake(self, model: str = "stepaudio-2.5-tts") -> Response:
        """Return the response to a realtime handshake that must be refused."""
        try:
            with self.connect(model):
                raise AssertionError("the handshake was accepted")
        except InvalidStatus as exc:
            return exc.response

    def is_idle(self) -> bool:
        """Return whether no other request is in progress, after waiting for one to end."""
        return any(self._is_only_request() for _ in range(100))

    def _is_only_request(self) -> bool:
        self.speak("Hi")
        return bool(self.log("speech")[-1]["busy"] == 1)

    def admin(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send an administration request, which needs no key."""
        return httpx.request(method, f"{self.origin}/_sandbox/{path}", json=body)


@contextmanager
def run_sandbox(*arguments: str, deterministic: bool = True) -> Iterator[SandboxClient]:
    """Run a sandbox as ``tests.support.service.sandbox`` does."""
    with (
        sandbox(*arguments, deterministic=deterministic) as running,
        httpx.Client(headers={"Authorization": f"Bearer {running.key}"}, timeout=60) as api,
    ):
        yield SandboxClient(running.base, running.key, running.process, api)


def sse_events(response: httpx.Response) -> list[Any]:
    """Return the data of server-sent events; as text where it is not JSON."""
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = (line.removeprefix("data: ") for line in response.text.split("\n") if line)
    return [json.loads(line) if line.startswith("{") else line for line in lines]


class RealtimeClient:
    """A client of one realtime session."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.session = self.receive()["data"]["session_id"]

    def create(self, **settings: Any) -> None:
        """Send ``tts.create``, by default with the default voice and raw samples."""
        self.send("tts.create", **{"voice_id": "lively-girl", "response_format": "pcm"} | settings)

    def send(self, type: str, **data: Any) -> None:
        """Send a message of this session."""
        self.socket.send(json.dumps({"type": type, "data": {"session_id": self.session} | data}))

    def receive(self) -> dict[str, Any]:
        """Return the service's next message."""
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=30))
        return message

    def receive_all(self) -> list[dict[str, Any]]:
        """Return all messages until the service closes the session."""
        return [json.loads(raw) for raw in self.socket]

    def receive_until(self, type: str) -> list[dict[str, Any]]:
        """Return the messages up to and including the first of a type."""
        messages = [self.receive()]
        while messages[-1]["type"] != type:
            messages.append(self.receive())
        return messages


def session_messages(client: SandboxClient) -> list[dict[str, Any]]:
    """Return all messages of a realtime session in which one sentence is spoken."""
    with client.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        realtime.send("tts.text.delta", text="Hello there.")
        realtime.send("tts.text.done")
        return realtime.receive_all()
