"""Time from start to the first byte of the request, and from the last byte to the exit."""

from __future__ import annotations

import json
import shutil
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from tests.bench.places import Places
from tests.bench.runs import in_turn, running
from tests.bench.table import Row, middle
from tests.bench.timed_server import (
    TRANSCRIPT,
    RealtimeSession,
    TimedServer,
    answer_head,
    audio_delta,
    take_request,
)
from tests.bench.upload_memory import write_quiet_wav

TEXT = "Dinner is ready."
SOUND = b"ID3\x04".ljust(20_000, b"\0")
LEAVING = 50.0
"""The milliseconds by which stepcli may exit later than the limit."""

Serve = Callable[[socket.socket], None]
Cases = Mapping[str, Sequence[str]]


def rows(places: Places, runs: int, directory: Path) -> Iterator[Row]:
    server = TimedServer()
    try:
        yield from _compared(
            server, "speak -o", _speech(places, server, directory), _speak, runs,
            bars={"limit": 3.0, "openai": 0.5},
        )  # fmt: skip
        yield from _compared(
            server, "transcribe", _recognition(places, server, directory), _recognize, runs
        )
        yield from _compared(
            server, "stream -o", _streaming(places, server, directory), _serve_session, runs
        )
    finally:
        server.close()


def _compared(
    server: TimedServer,
    what: str,
    cases: Cases,
    serve: Serve,
    runs: int,
    bars: Mapping[str, float] = {},
) -> Iterator[Row]:
    """Yield stepcli against each other case; against the limit also by an absolute delay."""
    taken = in_turn(
        {name: partial(_measured_run, server, command, serve) for name, command in cases.items()},
        runs,
    )
    ours = taken.pop("ours")
    for name, other in taken.items():
        yield Row(
            f"Enter to first request byte, {what} / {name}",
            middle((one.asked for one in ours), 1000),
            middle((one.asked for one in other), 1000),
            "ms",
            bars.get(name),
            work=middle(one.cpu for one in ours) / middle(one.cpu for one in other),
        )
    yield Row(
        f"end of answer to exit, {what} / limit",
        middle((one.left for one in ours), 1000),
        middle((one.left for one in taken["limit"]), 1000),
        "ms",
        LEAVING,
        above=True,
    )


@dataclass(frozen=True)
class MeasuredRun:
    """Seconds to the first byte of the request, seconds to the exit, and processor time.

    The exit is measured from the end of the response.
    """

    asked: float
    left: float
    cpu: float


def _measured_run(server: TimedServer, command: Sequence[str], serve: Serve) -> MeasuredRun:
    with running(command, server.environ) as run, server.next_connection() as (connection, came):
        serve(connection)
        answered = monotonic()
    return MeasuredRun(came - run.began, run.ended - answered, run.cpu)


def _speak(connection: socket.socket) -> None:
    take_request(connection)
    connection.sendall(answer_head("audio/mpeg", len(SOUND)) + SOUND)


def _recognize(connection: socket.socket) -> None:
    take_request(connection)
    connection.sendall(answer_head("text/event-stream", len(TRANSCRIPT)) + TRANSCRIPT)


def _serve_session(connection: socket.socket) -> None:
    session = RealtimeSession(connection)
    session.receive_text()
    session.speak(audio_delta(0.2))
    session.finish()


def _speech(places: Places, server: TimedServer, directory: Path) -> Cases:
    given, asked = (server.address, server.key, TEXT), (server.origin, server.key, TEXT)
    cases: dict[str, Sequence[str]] = {
        "ours": (*places.stepcli, "speak", TEXT, "-o", str(directory / "ours.mp3")),
        "limit": (*places.limit("speech"), *given, str(directory / "limit.mp3")),
        "httpx": (*places.peer("httpx_speech"), *asked, str(directory / "httpx.mp3")),
        "openai": (*places.peer("openai_speech"), *asked, str(directory / "openai.mp3")),
    }
    if curl := shutil.which("curl"):
        body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": TEXT}
        cases["curl"] = _curl(
            curl, server, "audio/speech", json.dumps(body), directory / "curl.mp3"
        )
    return cases


def _recognition(places: Places, server: TimedServer, directory: Path) -> Cases:
    """Recognize ten seconds of audio; the limit and curl have a prepared body."""
    wav, body = directory / "short.wav", directory / "short.json"
    write_quiet_wav(wav, seconds=10)
    body.write_text(recognition_body(wav))
    given = (server.address, server.key)
    cases: dict[str, Sequence[str]] = {
        "ours": (*places.stepcli, "transcribe", str(wav), "-l", "en", "--no-cache"),
        "limit": (*places.limit("transcribe"), *given, str(body)),
        "httpx": (*places.peer("httpx_transcribe"), server.origin, server.key, str(wav)),
    }
    if curl := shutil.which("curl"):
        cases["curl"] = _curl(curl, server, "audio/asr/sse", f"@{body}", directory / "curl.txt")
    return cases


def recognition_body(wav: Path) -> str:
    transcription = {"model": "stepaudio-2.5-asr", "language": "en"}
    input = {"transcription": transcription, "format": {"type": "wav"}}
    return json.dumps({"audio": {"data": b64encode(wav.read_bytes()).decode(), "input": input}})


def _streaming(places: Places, server: TimedServer, directory: Path) -> Cases:
    given, asked = (server.address, server.key, TEXT), (server.origin, server.key, TEXT)
    ours = ("stream", TEXT, "-o", str(directory / "ours.pcm"))
    return {
        "ours": (*places.stepcli, *ours),
        "limit": (*places.limit("stream"), *given, str(directory / "limit.pcm")),
        "websockets": (*places.peer("websockets_stream"), *asked, str(directory / "peer.pcm")),
    }


def _curl(curl: str, server: TimedServer, path: str, body: str, output: Path) -> Sequence[str]:
    return (
        curl, "-sf", f"http://{server.address}/step_plan/v1/{path}", "-o", str(output),
        "-H", f"Authorization: Bearer {server.key}", "-H", "Content-Type: application/json",
        "--data-binary", body,
    )  # fmt: skip
