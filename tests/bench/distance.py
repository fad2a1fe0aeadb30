"""Whole runs over TLS to a server at a distance, and what follows on an open connection.

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
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from subprocess import PIPE
from time import monotonic

import trustme

from tests.bench.places import Places
from tests.bench.request import SOUND, TEXT, recognition_body
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
from tests.support.recordings import RATE, reading

ROUND_TRIPS = (0, 30, 100, 200)
"""Milliseconds."""
JUDGED = 100
_UTTERANCE = reading("beckett")[: 2 * RATE]
"""A second of speech without a pause."""

Serve = Callable[[socket.socket], float]
Measure = Callable[["DistantServer", Sequence[str]], float]
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
            # A client may prepare its first message during the round trip of TCP.
            still_connecting = max(0.0, self.accepted_at + self.round_trip - came)
            time.sleep(still_connecting + self.round_trip)
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


def rows(places: Places, runs: int, directory: Path) -> Iterator[Row]:
    for milliseconds in ROUND_TRIPS:
        server = DistantServer(milliseconds / 1000)
        try:
            yield from _compared(places, server, runs, directory, milliseconds)
        finally:
            server.close()


def _compared(
    places: Places, server: DistantServer, runs: int, directory: Path, milliseconds: int
) -> Iterator[Row]:
    where = f"over TLS, {milliseconds} ms"
    for what, cases, measure, bars in _comparisons(places, server, directory):
        taken = in_turn(
            {name: partial(measure, server, command) for name, command in cases.items()}, runs
        )
        ours = middle(taken.pop("ours"), 1000)
        for name, other in taken.items():
            bar = bars.get(name) if milliseconds == JUDGED else None
            yield Row(f"{what} {where} / {name}", ours, middle(other, 1000), "ms", bar)
        if measure is _utterance and milliseconds:
            yield Row(f"{what} {where} / round trip", ours, milliseconds, "ms")


def _comparisons(
    places: Places, server: DistantServer, directory: Path
) -> Iterator[tuple[str, Cases, Measure, Mapping[str, float]]]:
    """Yield what is measured, the programs, how, and the bars against other programs."""
    speech, recognition = _speech(places, server, directory), partial(_recognition, places, server)
    spoken = partial(_measured_run, serve=partial(_answer, server, SOUND))
    recognized = partial(_measured_run, serve=partial(_answer, server, TRANSCRIPT))
    sent = partial(_measured_run, serve=partial(_serve_session, server))
    live = (*places.stepcli, "transcribe", "--live", "--pcm", str(RATE), "-l", "en", "-")
    yield "speak -o", speech, spoken, {"curl": 1.12}
    yield "transcribe", recognition(directory), recognized, {"curl": 1.15}
    yield "first text, stream", _streaming(places, server, directory), sent, {"websockets": 1.15}
    yield "second request of a run", recognition(directory, inputs=2), _second_request, {}
    yield "utterance to text", {"ours": live}, _utterance, {}


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


def _second_request(server: DistantServer, command: Sequence[str]) -> float:
    """Return the seconds from the first answer to the second one, on the same connection."""
    head = answer_head("text/event-stream", len(TRANSCRIPT), "keep-alive")
    with running(command, server.environ), server.next_connection() as (connection, _):
        moments = []
        for _ in range(2):
            take_request(connection)
            time.sleep(server.round_trip)
            connection.sendall(head + TRANSCRIPT)
            moments.append(monotonic())
        assert not connection.recv(1), "there was another request"
    return moments[1] - moments[0]


def _utterance(server: DistantServer, command: Sequence[str]) -> float:
    """Return the seconds from the end of a recording, during speech, to its text.

    The connection is made while the utterance is being spoken.
    """
    with running(command, server.environ, stdin=PIPE, stdout=PIPE) as run:
        assert run.process.stdin
        assert run.process.stdout
        run.process.stdin.write(_UTTERANCE)
        run.process.stdin.flush()
        with server.next_connection() as (connection, _):
            begun = monotonic()
            run.process.stdin.close()
            _answer(server, TRANSCRIPT, connection)
            assert run.process.stdout.readline()
            return monotonic() - begun


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


def _recognition(places: Places, server: DistantServer, directory: Path, inputs: int = 1) -> Cases:
    """Recognize ten seconds of audio, once for each of the `inputs`."""
    wavs = [str(directory / f"short{number}.wav") for number in range(inputs)]
    for wav in wavs:
        write_quiet_wav(Path(wav), seconds=10)
    body = directory / "short.json"
    body.write_text(recognition_body(Path(wavs[0])))
    options = ("-l", "en", "--no-cache", "--jobs", "1")
    cases: dict[str, Sequence[str]] = {
        "ours": (*places.stepcli, "transcribe", *wavs, *options),
        "httpx": (*places.peer("httpx_transcribe"), server.origin, server.key, *wavs),
    }
    outputs = [directory / f"curl{number}.txt" for number in range(inputs)]
    return cases | _curl(server, "audio/asr/sse", f"@{body}", *outputs)


def _streaming(places: Places, server: DistantServer, directory: Path) -> Cases:
    given = (server.origin, server.key, TEXT)
    ours = ("stream", TEXT, "-o", str(directory / "ours.pcm"))
    return {
        "ours": (*places.stepcli, *ours),
        "websockets": (*places.peer("websockets_stream"), *given, str(directory / "peer.pcm")),
    }


def _curl(server: DistantServer, path: str, body: str, *outputs: Path) -> dict[str, Sequence[str]]:
    """Return a run of curl that sends the request once for each output."""
    curl = shutil.which("curl")
    if curl is None:
        return {}
    headers = ("-H", f"Authorization: Bearer {server.key}", "-H", "Content-Type: application/json")
    url = f"{server.origin}/step_plan/v1/{path}"
    transfers = [word for output in outputs for word in (url, "-o", str(output))]
    return {"curl": (curl, "-sf", *transfers, *headers, "--data-binary", body)}
