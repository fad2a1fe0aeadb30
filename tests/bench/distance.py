"""Whole runs over TLS to a server at a distance, and parallel requests at a service's limit.

The server is on this machine and waits as long as the round trips of a distant one take: one for
TCP, one for TLS (1.3) and one for each exchange. Bars, at 100 ms: 1.12 times curl for a spoken
sentence, 1.15 times curl for a short recording, and 1.15 times a script for the first text that is
streamed.
"""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

import trustme

from tests.bench.limited_service import LimitedService
from tests.bench.places import Places
from tests.bench.request import SOUND, TEXT, recognition_body
from tests.bench.runs import finished, in_turn, running
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

ROUND_TRIPS = (0, 30, 100, 200)
"""Milliseconds."""
JUDGED = 100
PARTS = 53
LIMITS = {1: 1.1, 5: None, 12: 1.8, 15: None}
"""Requests at a time that a service accepts, and the bar for the time against the ideal."""

Serve = Callable[[socket.socket], float]
Cases = Mapping[str, Sequence[str]]


class DistantServer(TimedServer):
    """A server behind TLS, `round_trip` seconds away."""

    def __init__(self, round_trip: float) -> None:
        super().__init__()
        self.round_trip = round_trip
        self.origin = f"https://{self.address}"
        self._directory = tempfile.TemporaryDirectory()
        certificates = Path(self._directory.name, "ca.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(certificates))
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._tls)
        self.environ |= {
            "STEPCLI_BASE_URL": f"{self.origin}/step_plan/v1",
            "SSL_CERT_FILE": str(certificates),
            "CURL_CA_BUNDLE": str(certificates),
        }

    @contextmanager
    def next_connection(self) -> Iterator[tuple[socket.socket, float]]:
        with super().next_connection() as (connection, came):
            time.sleep(2 * self.round_trip)
            with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                yield encrypted, came

    def close(self) -> None:
        super().close()
        self._directory.cleanup()


class DistantSession(RealtimeSession):
    """A session whose answers take `round_trip` seconds; `received_at` is when text arrived."""

    def __init__(self, connection: socket.socket, round_trip: float) -> None:
        self._round_trip = round_trip
        super().__init__(connection)

    def speak(self, frame: bytes) -> None:
        time.sleep(self._round_trip)
        super().speak(frame)


def rows(places: Places, runs: int, directory: Path, scale: float) -> Iterator[Row]:
    """Yield the rows; a service at its limit takes `scale` seconds for 1,000 characters."""
    for milliseconds in ROUND_TRIPS:
        server = DistantServer(milliseconds / 1000)
        try:
            yield from _compared(places, server, runs, directory, milliseconds)
        finally:
            server.close()
    for limit, bar in LIMITS.items():
        yield from _limited(places, directory, limit, bar, scale)


def _compared(
    places: Places, server: DistantServer, runs: int, directory: Path, milliseconds: int
) -> Iterator[Row]:
    where = f"over TLS, {milliseconds} ms"
    bars = {"curl": 1.12} if milliseconds == JUDGED else {}
    taken = _taken(
        server, _speech(places, server, directory), partial(_answer, server, SOUND), runs
    )
    yield from _against(f"speak -o {where}", taken, bars)
    bars = {"curl": 1.15} if milliseconds == JUDGED else {}
    cases = _recognition(places, server, directory)
    taken = _taken(server, cases, partial(_answer, server, TRANSCRIPT), runs)
    yield from _against(f"transcribe {where}", taken, bars)
    bars = {"websockets": 1.15} if milliseconds == JUDGED else {}
    taken = _taken(
        server, _streaming(places, server, directory), partial(_serve_session, server), runs
    )
    yield from _against(f"first text, stream {where}", taken, bars)


def _against(what: str, taken: dict[str, list[float]], bars: Mapping[str, float]) -> Iterator[Row]:
    ours = middle(taken.pop("ours"), 1000)
    for name, other in taken.items():
        yield Row(f"{what} / {name}", ours, middle(other, 1000), "ms", bars.get(name))


def _taken(server: DistantServer, cases: Cases, serve: Serve, runs: int) -> dict[str, list[float]]:
    measurements = {
        name: partial(_measured_run, server, command, serve) for name, command in cases.items()
    }
    return in_turn(measurements, runs)


def _measured_run(server: DistantServer, command: Sequence[str], serve: Serve) -> float:
    """Return the seconds to the moment that `serve` returns, or to the exit if that is 0."""
    with running(command, server.environ) as run, server.next_connection() as (connection, _):
        moment = serve(connection)
    return moment - run.began if moment else run.seconds


def _answer(server: DistantServer, body: bytes, connection: socket.socket) -> float:
    take_request(connection)
    time.sleep(server.round_trip)
    kind = "text/event-stream" if body is TRANSCRIPT else "audio/mpeg"
    connection.sendall(answer_head(kind, len(body)) + body)
    return 0.0


def _serve_session(server: DistantServer, connection: socket.socket) -> float:
    session = DistantSession(connection, server.round_trip)
    session.receive_text()
    received = session.received_at
    session.speak(audio_delta(0.2))
    session.finish()
    return received


def _speech(places: Places, server: DistantServer, directory: Path) -> Cases:
    given = (server.origin, server.key, TEXT)
    cases: dict[str, Sequence[str]] = {
        "ours": (*places.stepcli, "speak", TEXT, "-o", str(directory / "ours.mp3")),
        "stdlib": (*places.peer("stdlib_speech"), *given, str(directory / "stdlib.mp3")),
        "httpx": (*places.peer("httpx_speech"), *given, str(directory / "httpx.mp3")),
        "openai": (*places.peer("openai_speech"), *given, str(directory / "openai.mp3")),
    }
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": TEXT}
    return cases | _curl(server, "audio/speech", json.dumps(body), directory / "curl.mp3")


def _recognition(places: Places, server: DistantServer, directory: Path) -> Cases:
    wav, body = directory / "short.wav", directory / "short.json"
    write_quiet_wav(wav, seconds=10)
    body.write_text(recognition_body(wav))
    given = (server.origin, server.key)
    cases: dict[str, Sequence[str]] = {
        "ours": (*places.stepcli, "transcribe", str(wav), "-l", "en", "--no-cache"),
        "httpx": (*places.peer("httpx_transcribe"), *given, str(wav)),
    }
    return cases | _curl(server, "audio/asr/sse", f"@{body}", directory / "curl.txt")


def _streaming(places: Places, server: DistantServer, directory: Path) -> Cases:
    given = (server.origin, server.key, TEXT)
    ours = ("stream", TEXT, "-o", str(directory / "ours.pcm"))
    return {
        "ours": (*places.stepcli, *ours),
        "websockets": (*places.peer("websockets_stream"), *given, str(directory / "peer.pcm")),
    }


def _curl(server: DistantServer, path: str, body: str, output: Path) -> dict[str, Sequence[str]]:
    curl = shutil.which("curl")
    if curl is None:
        return {}
    headers = ("-H", f"Authorization: Bearer {server.key}", "-H", "Content-Type: application/json")
    url = f"{server.origin}/step_plan/v1/{path}"
    return {"curl": (curl, "-sf", url, "-o", str(output), *headers, "--data-binary", body)}


def _limited(
    places: Places, directory: Path, limit: int, bar: float | None, scale: float
) -> Iterator[Row]:
    """Speak a text of PARTS requests, twice: the second run knows what the first one found."""
    text = directory / "parts.txt"
    text.write_text(("A fox that nobody has seen since spring jumped over the fence. " * 16) * 51)
    with ExitStack() as stack:
        service = stack.enter_context(LimitedService.running(limit, scale))
        home = stack.enter_context(tempfile.TemporaryDirectory())
        environ = service.environ | {"HOME": home, "XDG_STATE_HOME": f"{home}/state"}
        command = (*places.stepcli, "speak", "-f", str(text), "-o", str(directory / "parts.wav"))
        for run in ("first", "next"):
            service.reset()
            begun = monotonic()
            finished(command, environ)
            seconds, ideal = monotonic() - begun, service.seconds / limit
            what = f"{run} run, {service.served} parts, {limit} accepted"
            yield Row(f"{what} / ideal", seconds, ideal, "s", bar)
            yield Row(f"{what}, refused / all", service.refused, service.served, "", 0.2)
