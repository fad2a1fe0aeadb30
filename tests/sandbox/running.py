"""A sandbox in a process of its own, as it really runs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

SENTENCE = "Today is a good day for a walk in the park"

PROGRAM = """
import json, sys
from pathlib import Path
from stepcli.sandbox import Options, serve
given = json.loads(sys.argv[1])
given["faults"] = tuple(given.get("faults", ()))
given["log"] = Path(given["log"]) if "log" in given else None
serve(Options(**given), lambda base: print(base, flush=True), stop_with_stdin=True)
print("returned", flush=True)
"""


@dataclass(frozen=True)
class Running:
    """``base`` is the plan base, ``open`` the open one; ``api`` sends the right key with all."""

    base: str
    process: subprocess.Popen[str]
    api: httpx.Client

    @property
    def root(self) -> str:
        return self.base.removesuffix("/step_plan/v1")

    @property
    def open(self) -> str:
        return f"{self.root}/v1"

    def speak(self, text: str = SENTENCE, **more: Any) -> httpx.Response:
        """Speech by the default voice."""
        body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": text} | more
        return self.api.post(f"{self.base}/audio/speech", json=body)

    def recognise(
        self, data: bytes, format: dict[str, Any], **transcription: Any
    ) -> httpx.Response:
        """The events of a recognition."""
        wanted = {"model": "stepaudio-2.5-asr", "language": "en"} | transcription
        audio = {
            "data": b64encode(data).decode(),
            "input": {"transcription": wanted, "format": format},
        }
        return self.api.post(f"{self.base}/audio/asr/sse", json={"audio": audio})

    def upload(self, data: bytes, name: str = "sample.wav") -> str:
        """The id of a file left with the service."""
        form = {"data": {"purpose": "storage"}, "files": {"file": (name, data)}}
        answer = self.api.post(f"{self.open}/files", **form)  # type: ignore[arg-type]
        return str(answer.raise_for_status().json()["id"])

    def connect(self, model: str = "stepaudio-2.5-tts") -> AbstractContextManager[ClientConnection]:
        """A realtime connection, once it is entered."""
        url = f"{self.base.replace('http', 'ws', 1)}/realtime/audio?model={model}"
        key = {"Authorization": self.api.headers["Authorization"]}
        return connect(url, additional_headers=key, close_timeout=1)

    def refusal(self, model: str = "stepaudio-2.5-tts") -> Response:
        """The answer given in place of the handshake."""
        try:
            with self.connect(model):
                raise AssertionError("the connection was let in")
        except InvalidStatus as refused:
            return refused.response

    def fault(self, *specs: str) -> None:
        """Misbehave from now on."""
        self.control("POST", "faults", {"faults": list(specs)}).raise_for_status()

    def reset(self) -> None:
        """Behave, and forget what was asked."""
        self.control("DELETE", "faults")
        self.control("DELETE", "log")

    def log(self, endpoint: str) -> list[dict[str, Any]]:
        """What was asked of an endpoint since the last reset."""
        entries = self.control("GET", f"log?endpoint={endpoint}").json()["entries"]
        return list(entries)

    def is_alone(self) -> bool:
        """Whether no other request is being served; that one is over may take a while to notice."""
        return any(self._only_one() for _ in range(100))

    def _only_one(self) -> bool:
        self.speak("Hi")
        return bool(self.log("speech")[-1]["busy"] == 1)

    def control(self, method: str, what: str, body: Any = None) -> httpx.Response:
        """The sandbox's own endpoint, which asks for no key."""
        return httpx.request(method, f"{self.root}/_sandbox/{what}", json=body)


@contextmanager
def running(**options: Any) -> Iterator[Running]:
    """A sandbox with those ``Options``; it must come to its end without a complaint."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(options)]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=complaints, text=True) as process,
        httpx.Client(headers={"Authorization": "Bearer sandbox-key"}, timeout=60) as api,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        yield Running(process.stdout.readline().strip(), process, api)
        process.stdin.close()
        assert process.wait(timeout=20) == 0
        complaints.seek(0)
        assert not (said := complaints.read()), said


def events(answer: httpx.Response) -> list[Any]:
    """The data of server-sent events; what is not JSON as text."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = (line.removeprefix("data: ") for line in answer.text.split("\n") if line)
    return [json.loads(line) if line.startswith("{") else line for line in lines]


class Talk:
    """One realtime session from a client's side."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.session = self.receive()["data"]["session_id"]

    def create(self, **settings: Any) -> None:
        """Begin, with the default voice and bare samples unless told otherwise."""
        self.send("tts.create", **{"voice_id": "lively-girl", "response_format": "pcm"} | settings)

    def send(self, type: str, **data: Any) -> None:
        """A message of this session."""
        self.socket.send(json.dumps({"type": type, "data": {"session_id": self.session} | data}))

    def receive(self) -> dict[str, Any]:
        """The next message of the service."""
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=30))
        return message

    def rest(self) -> list[dict[str, Any]]:
        """All messages until the service closes."""
        return [json.loads(raw) for raw in self.socket]

    def until(self, type: str) -> list[dict[str, Any]]:
        """Messages up to and with the first of that type."""
        messages = [self.receive()]
        while messages[-1]["type"] != type:
            messages.append(self.receive())
        return messages
