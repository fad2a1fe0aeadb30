"""Figures of ``stream``: text-to-wire delay (bar: median 5 ms, p99 25 ms) and a soak (bar: 5 MB).

``python -m tests.bench.stream [MINUTES]``: the soak takes so long, 10 by default.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.support.service import sandbox

WORDS = 300
PAUSE = 0.08
WARM_UP = 30.0
SENTENCE = "This is sentence number {}, and it takes some time to say. "
SPOKEN = 6.5
"""Seconds that the longest number makes of it."""


class Clock:
    """A service that speaks noise for each sentence and notes when each delta came."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []

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
            case "tts.text.delta":
                self.arrivals.append(time.monotonic())
                if "." in message["data"]["text"]:
                    _speak(socket)
            case "tts.text.done":
                _send(socket, "tts.response.audio.done", audio="")
                socket.close()


def _send(socket: ServerConnection, kind: str, **data: object) -> None:
    socket.send(json.dumps({"type": kind, "data": {"session_id": "bench", **data}}))


def _speak(socket: ServerConnection) -> None:
    """Two seconds of sound, all at once."""
    audio = b64encode(os.urandom(9600)).decode()
    _send(socket, "tts.response.sentence.start", text="")
    for _ in range(10):
        _send(socket, "tts.response.audio.delta", audio=audio, duration=0.2)
    _send(socket, "tts.response.sentence.end", text="")


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


def delays(words: int = WORDS) -> list[float]:
    """Milliseconds from writing a word to stdin to its arrival, for a word every 80 ms."""
    clock, written = Clock(), []
    with _serving(clock) as environ, _streaming(environ, "/dev/null") as run:
        assert run.stdin
        time.sleep(1.5)
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
def _streaming(environ: Mapping[str, str], output: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "stepcli", "stream", "-o", output, "--format", "wav"]
    environ = {**os.environ, **environ}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environ) as run:
        try:
            yield run
        finally:
            run.kill()


def soak(minutes: float) -> dict[str, float]:
    """Kilobytes that memory grew after the warm-up, and threads then and at the end."""
    with (
        sandbox("--pace", "20") as service,
        tempfile.TemporaryDirectory() as directory,
        _streaming(service.environ, str(Path(directory) / "soak.wav")) as run,
    ):
        writer = threading.Thread(target=_write_for, args=(run, 60 * minutes))
        writer.start()
        time.sleep(min(WARM_UP, 60 * minutes / 2))
        warm = _status(run.pid)
        last = warm
        while writer.is_alive():
            last = _status(run.pid)
            time.sleep(1)
        assert run.wait(120) == 0
    return {
        "grown_kb": last["VmRSS"] - warm["VmRSS"],
        "peak_kb": last["VmHWM"],
        "threads_warm": warm["Threads"],
        "threads_last": last["Threads"],
    }


def _write_for(run: subprocess.Popen[bytes], seconds: float) -> None:
    """Sentences, each when the one before has about been spoken at twenty times real time."""
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
    return {
        name: int(value.split()[0])
        for name, value in pairs
        if name in ("VmRSS", "VmHWM", "Threads")
    }


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    taken = sorted(delays())
    p99 = taken[int(0.99 * len(taken))]
    print(f"text to wire, ms: median {statistics.median(taken):.2f}, p99 {p99:.2f}")  # noqa: T201
    print(f"soak of {minutes:g} min at 20x: {soak(minutes)}")  # noqa: T201


if __name__ == "__main__":
    main()
