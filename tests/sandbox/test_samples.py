"""The samples of the protocol, as the sandbox answers them.

Each file of ``tests/samples`` is one request of protocol.md with its answer; the client is held to
the same files. Names that end in ``-sample`` stand for what only a running service can give (an
uploaded file, a session), and ``c291bmQ=`` ("sound") stands for a recording.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.sandbox.running import Running, running

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.json"))
RECORDING = "This is a recording of some seconds, in which I say that dinner is ready."


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def recording(server: Running) -> bytes:
    return server.speak(RECORDING, response_format="wav").content


@pytest.fixture(scope="module")
def cloned_voice(server: Running, recording: bytes) -> None:
    """A voice for the list."""
    body = {"model": "stepaudio-2.5-tts", "file_id": server.upload(recording)}
    server.api.post(f"{server.base}/audio/voices", json=body).raise_for_status()


@pytest.fixture
def standing_for(server: Running, recording: bytes) -> dict[str, str]:
    """What the stand-ins of the samples stand for in this service."""
    return {
        "file-sample": server.upload(recording),
        "c291bmQ=": b64encode(recording).decode(),
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.usefixtures("cloned_voice")
def test_a_sample_is_answered_as_it_says(
    server: Running, standing_for: dict[str, str], path: Path
) -> None:
    """The request is taken, and the answer has the sample's status, names and types."""
    sample = json.loads(path.read_text())
    assert sample["name"] == path.stem
    request = _filled(sample["request"], standing_for)
    if "frames" in sample["answer"]:
        return _converse(server, request, sample["answer"]["frames"])
    answer = _ask(server, request)
    assert answer.status_code == sample["answer"]["status"], answer.text
    assert answer.headers["content-type"].partition(";")[0] == sample["answer"]["content_type"]
    assert answer.headers["x-trace-id"]
    return _compare(answer, sample["answer"])


def _filled(value: Any, standing_for: dict[str, str]) -> Any:
    text = json.dumps(value)
    for name, real in standing_for.items():
        text = text.replace(name, real)
    return json.loads(text)


def _ask(server: Running, request: dict[str, Any]) -> httpx.Response:
    body: dict[str, Any] = {"json": request["json"]} if "json" in request else {}
    if form := request.get("multipart"):
        file = (form["file"]["filename"], b64decode(form["file"]["base64"]))
        body = {"data": {"purpose": form["purpose"]}, "files": {"file": file}}
    return httpx.request(
        request["method"],
        server.root + request["path"],
        headers=request["headers"],
        params=request.get("query"),
        timeout=30,
        **body,
    )


def _compare(answer: httpx.Response, expected: dict[str, Any]) -> None:
    if "json" in expected:
        assert _shape(answer.json()) == _shape(expected["json"])
        if "error" in expected["json"]:
            assert answer.json() == expected["json"]
    elif "sse" in expected:
        lines = [line.removeprefix("data: ") for line in answer.text.split("\n") if line]
        told = [json.loads(line) if line.startswith("{") else line for line in lines]
        assert _course(told) == _course(expected["sse"])
    else:
        assert len(answer.content) > 1000


def _converse(server: Running, request: dict[str, Any], frames: list[dict[str, Any]]) -> None:
    url = (
        f"{server.root.replace('http', 'ws', 1)}{request['path']}?model={request['query']['model']}"
    )
    told = []
    with connect(url, additional_headers=request["headers"]) as socket:
        told.append(json.loads(socket.recv(timeout=30)))
        session = told[0]["data"]["session_id"]
        for side, turn in groupby(frames[1:], key=lambda frame: next(iter(frame))):
            said = [frame[side] for frame in turn]
            if side == "client":
                for frame in said:
                    socket.send(json.dumps(frame).replace("session-sample", session))
                continue
            while told[-1]["type"] != said[-1]["type"]:
                told.append(json.loads(socket.recv(timeout=30)))
    assert _course(told) == _course([frame["server"] for frame in frames if "server" in frame])


def _course(events: list[Any]) -> list[Any]:
    """The shapes of events in order, those of one kind that follow each other as one."""
    return [shape for shape, _ in groupby(map(_shape, events))]


def _shape(value: Any, name: str = "") -> Any:
    """Names and types of a JSON value; a ``type`` counts by its value, of a list its first item."""
    if isinstance(value, dict):
        return {key: _shape(inner, key) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [_shape(each) for each in value[:1]]
    return value if name == "type" or value == "[DONE]" else type(value).__name__
