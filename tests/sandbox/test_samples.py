"""The documented requests and responses, as the sandbox answers them.

Each file of ``tests/samples`` is one request of ``stepcli/api/PROTOCOL.md`` with its response;
``tests/api`` checks the client against the same files. Names that end in ``-sample`` stand for what
only a running service can provide (an uploaded file, a session), ``c291bmQ=`` ("sound") stands for
a recording, and ``bTRh`` ("m4a") for the same recording as m4a, and
``c2lsZW5jZQ==`` ("silence") for a second of silence, and
``dG9vIGxhcmdl`` ("too large") for 9 MiB of audio. A ``fault`` provokes responses that
a request alone does not; ``client_only`` marks what the sandbox does not send.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.sandbox.client import SandboxClient, run_sandbox

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.json"))
CURRENT = [path for path in SAMPLES if "client_only" not in json.loads(path.read_text())]

WAV_HEADER = b"RIFF\x24\x7d\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0"
SILENCE = WAV_HEADER + b"data\0\x7d\0\0" + bytes(32000)
RECORDING = "This is a recording of some seconds, in which I say that dinner is ready."


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxClient]:
    with run_sandbox() as server:
        yield server


@pytest.fixture(scope="module")
def recording(server: SandboxClient) -> bytes:
    return server.speak(RECORDING, response_format="wav").content


@pytest.fixture(scope="module")
def m4a(recording: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("m4a") / "recording.m4a"
    if shutil.which("ffmpeg"):
        subprocess.run(["ffmpeg", "-v", "error", "-i", "-", str(path)], input=recording, check=True)
    return path.read_bytes() if path.exists() else b""


@pytest.fixture(scope="module")
def cloned_voice(server: SandboxClient, recording: bytes) -> None:
    """Create a voice for the list."""
    body = {"model": "stepaudio-2.5-tts", "file_id": server.upload(recording)}
    server.api.post(f"{server.base}/audio/voices", json=body).raise_for_status()


@pytest.fixture
def placeholders(server: SandboxClient, recording: bytes, m4a: bytes) -> dict[str, str]:
    """Return what each placeholder stands for in this service."""
    return {
        "file-sample": server.upload(recording),
        "c291bmQ=": b64encode(recording).decode(),
        "bTRh": b64encode(m4a).decode(),
        "c2lsZW5jZQ==": b64encode(SILENCE).decode(),
        "dG9vIGxhcmdl": b64encode(bytes(9_437_184)).decode(),
    }


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: path.stem)
@pytest.mark.usefixtures("cloned_voice")
def test_sample_is_answered_as_documented(
    server: SandboxClient, placeholders: dict[str, str], path: Path
) -> None:
    """The response has the sample's status, names and types."""
    sample = json.loads(path.read_text())
    assert sample["name"] == path.stem
    if "bTRh" in path.read_text() and not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    server.reset()
    if "fault" in sample:
        server.fault(sample["fault"])
    request = _fill(sample["request"], placeholders)
    if "frames" in sample["answer"]:
        return _compare_session(server, request, sample["answer"]["frames"])
    response = _send(server, request)
    assert response.status_code == sample["answer"]["status"], response.text
    assert response.headers["content-type"].partition(";")[0] == sample["answer"]["content_type"]
    assert response.headers["x-trace-id"]
    return _compare(response, sample["answer"])


def _fill(value: Any, placeholders: dict[str, str]) -> Any:
    text = json.dumps(value)
    for name, real in placeholders.items():
        text = text.replace(name, real)
    return json.loads(text)


def _send(server: SandboxClient, request: dict[str, Any]) -> httpx.Response:
    body: dict[str, Any] = {"json": request["json"]} if "json" in request else {}
    if form := request.get("multipart"):
        file = (form["file"]["filename"], b64decode(form["file"]["base64"]))
        body = {"data": {"purpose": form["purpose"]}, "files": {"file": file}}
    return httpx.request(
        request["method"],
        server.origin + request["path"],
        headers=request["headers"],
        params=request.get("query"),
        timeout=30,
        **body,
    )


def _compare(response: httpx.Response, expected: dict[str, Any]) -> None:
    if "json" in expected:
        assert _shape(response.json()) == _shape(expected["json"])
        if "error" in expected["json"]:
            assert response.json() == expected["json"]
    elif "sse" in expected:
        lines = [line.removeprefix("data: ") for line in response.text.split("\n") if line]
        result = [json.loads(line) if line.startswith("{") else line for line in lines]
        assert _shapes(result) == _shapes(expected["sse"])
    elif "text" in expected:
        assert response.text == expected["text"]
    else:
        assert len(response.content) > 1000


def _compare_session(
    server: SandboxClient, request: dict[str, Any], frames: list[dict[str, Any]]
) -> None:
    model = request["query"]["model"]
    url = f"{server.origin.replace('http', 'ws', 1)}{request['path']}?model={model}"
    result = []
    with connect(url, additional_headers=request["headers"]) as socket:
        result.append(json.loads(socket.recv(timeout=30)))
        session = result[0]["data"]["session_id"]
        for side, turn in groupby(frames[1:], key=lambda frame: next(iter(frame))):
            messages = [frame[side] for frame in turn]
            if side == "client":
                for frame in messages:
                    socket.send(json.dumps(frame).replace("session-sample", session))
                continue
            while result[-1]["type"] != messages[-1]["type"]:
                result.append(json.loads(socket.recv(timeout=30)))
    assert _shapes(result) == _shapes([frame["server"] for frame in frames if "server" in frame])


def _shapes(events: list[Any]) -> list[Any]:
    """Return the shapes of events in order, merging equal neighbors."""
    return [shape for shape, _ in groupby(map(_shape, events))]


def _shape(value: Any, name: str = "") -> Any:
    """Return the names and types of a JSON value.

    A ``type`` field keeps its value; a list is represented by its first item.
    """
    if isinstance(value, dict):
        return {key: _shape(inner, key) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [_shape(each) for each in value[:1]]
    return value if name == "type" or value == "[DONE]" else type(value).__name__
