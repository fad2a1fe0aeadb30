"""Delay from written words to the network, and memory of an hour of streaming."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.bench.places import Places
from tests.bench.table import Row, middle
from tests.support.service import sandbox

PAUSE = 0.08
WARM_UP = 30.0
SENTENCE = "This is sentence number {}, and it takes some time to say. "
SPOKEN = 6.5
"""The seconds of audio for the longest number."""


class Clock:
    """A service that returns noise for each sentence and records when each word arrived."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self.ready = threading.Event()
        self._text = ""

    def serve(self, socket: ServerConnection) -> None:
        _send(socket, "tts.connection.done")
        try:
            for frame in socket:
                self._answer(socket, json.loads(frame))
        except ConnectionClosed:
            pass

    def _answer(self, socket: ServerConnection, message: Mapping[str, dict[str, str]]) -> None:
        match message["type"]:
            case "tts.create":
                _send(socket, "tts.response.created")
                self.ready.set()
            case "tts.text.delta":
                words = message["data"]["text"].split()
                self.arrivals += [time.monotonic()] * len(words)
                self._text += message["data"]["text"]
                if "." in self._text:
                    self._speak(socket)
            case "tts.text.done":
                self._speak(socket)
                _send(socket, "tts.response.audio.done", audio="")
                socket.close()

    def _speak(self, socket: ServerConnection) -> None:
        """Send two seconds of audio for the text so far."""
        audio, text = b64encode(os.urandom(9600)).decode(), self._text
        _send(socket, "tts.response.sentence.start", text=text)
        for _ in range(10):
            _send(socket, "tts.response.audio.delta", audio=audio, duration=0.2)
        _send(socket, "tts.response.sentence.end", text=text)
        self._text = ""


def _send(socket: ServerConnection, kind: str, **data: object) -> None:
    socket.send(json.dumps({"type": kind, "data": {"session_id": "bench", **data}}))


@contextmanager
def _serving(clock: Clock) -> Iterator[dict[str, str]]:
    with serve(clock.serve, "127.0.0.1", 0, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield {"STEPCLI_BASE_URL": _base(server), "STEP_API_KEY": "bench"}
        finally:
            server.shutdown()
            thread.join()


def _base(server: Server) -> str:
    return f"http://127.0.0.1:{server.socket.getsockname()[1]}/step_plan/v1"


def delay_rows(places: Places, words: int) -> Iterator[Row]:
    """Yield the milliseconds from writing a word to its arrival; bars are 5 (median) and 25."""
    taken = sorted(_delays(places.stepcli, words))
    median, p99 = middle(taken), taken[int(0.99 * len(taken))]
    yield Row("text to wire, stream: median / p99", median, p99, "ms", 5.0, absolute=True)
    yield Row("text to wire, stream: p99 / median", p99, median, "ms", 25.0, absolute=True)


def soak_rows(places: Places, minutes: float) -> Iterator[Row]:
    """Yield memory and threads after warming up and at the end; 5 MB may be added."""
    warm, last = _soak(places.stepcli, minutes)
    what = f"stream for {minutes:g} min at 20 times real time, end / warm:"
    resident = (last["VmRSS"] / 1024, warm["VmRSS"] / 1024)
    yield Row(f"{what} memory", *resident, "MiB", 5.0, above=True)
    yield Row(f"{what} threads", last["Threads"], warm["Threads"], "", 1.0)


def _delays(program: Sequence[str], words: int) -> list[float]:
    """Return milliseconds, for a word every 80 ms."""
    clock, written = Clock(), []
    with _serving(clock) as environ, _streaming(program, environ, os.devnull) as run:
        assert run.stdin
        assert clock.ready.wait(60)
        for number in range(words):
            written.append(time.monotonic())
            run.stdin.write(b"word. " if number % 10 == 9 else b"word ")
            run.stdin.flush()
            time.sleep(PAUSE)
        run.stdin.close()
        assert run.wait(30) == 0
    assert len(clock.arrivals) == words
    return [1000 * (came - went) for went, came in zip(written, clock.arrivals, strict=True)]


@contextmanager
def _streaming(
    program: Sequence[str], environ: Mapping[str, str], output: str
) -> Iterator[subprocess.Popen[bytes]]:
    command = [*program, "stream", "-o", output, "--format", "wav"]
    environ = {**os.environ, **environ}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environ) as run:
        try:
            yield run
        finally:
            run.kill()


def _soak(program: Sequence[str], minutes: float) -> tuple[dict[str, int], dict[str, int]]:
    with (
        sandbox("--pace", "20") as service,
        tempfile.TemporaryDirectory() as directory,
        _streaming(program, service.environ, str(Path(directory) / "soak.wav")) as run,
    ):
        writer = threading.Thread(target=_write_for, args=(run, 60 * minutes))
        writer.start()
        time.sleep(min(WARM_UP, 60 * minutes / 2))
        warm = last = _status(run.pid)
        while writer.is_alive():
            last = _status(run.pid)
            time.sleep(1)
        assert run.wait(120) == 0
    return warm, last


def _write_for(run: subprocess.Popen[bytes], seconds: float) -> None:
    """Write sentences at about twenty times real time."""
    assert run.stdin
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        run.stdin.write(SENTENCE.format(number).encode())
        run.stdin.flush()
        number += 1
        time.sleep(SPOKEN / 20)
    run.stdin.close()


def _status(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    pairs = (line.split(":", 1) for line in lines)
    return {name: int(value.split()[0]) for name, value in pairs if name in ("VmRSS", "Threads")}
