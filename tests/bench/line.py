"""``transcribe`` over a modelled line, to a service that recognizes at a modelled speed."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from tests.bench.peak import peak_memory
from tests.bench.places import Places
from tests.bench.runs import Run, finished
from tests.bench.table import Row
from tests.bench.timed_server import TRANSCRIPT, TimedServer, answer_head
from tests.bench.transcribe import READINGS
from tests.support.recordings import write_long

_MEGABITS = (5, 20, 100)
"""The speeds of the line in Mbit/s."""
_ROUND_TRIP = 0.1
_RECOGNITION_SPEED = 100
"""Seconds of audio that the service recognizes per second."""
_MP3_BYTES, _PCM_BYTES = 5000, 32000
"""Bytes of a second of audio."""
_PCM_PIECE = 7_500_000 / _PCM_BYTES
_BLOCK = 16 * 1024
_RECEIVE_BUFFER = 64 * 1024
"""Bytes that are sent ahead of the line. The segments of loopback are as large: with less, TCP
waits for the window to open."""
_END = 1024
"""Bytes at the end of a body that contain its format."""
_AT_ONCE = 16
_OPTIONS = ("transcribe", "-l", "en", "--no-cache")


@dataclass
class Line:
    """A line of ``rate`` bytes per second that all connections share."""

    rate: float
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _free_at: float = 0.0

    def carry(self, size: int) -> None:
        """Wait until so many bytes have passed."""
        with self._turn:
            self._free_at = max(self._free_at, monotonic()) + size / self.rate
            arrives_at = self._free_at
        sleep(max(0.0, arrives_at - monotonic()))


class DistantService:
    """Recognition at the other end of ``line``; each request has a connection of its own."""

    def __init__(self, server: TimedServer, line: Line) -> None:
        self._server = server
        self._line = line
        self.sizes: list[int] = []
        self.last_recognition = 0.0
        for _ in range(_AT_ONCE):
            threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                with self._server.next_connection() as (connection, _):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sleep(_ROUND_TRIP)  # the handshake
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(_BLOCK)
        head, _, end = received.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        self._line.carry(len(received))
        left = size - len(end)
        while left:
            block = connection.recv(min(left, _BLOCK))
            self._line.carry(len(block))
            end, left = (end + block)[-_END:], left - len(block)
        rate = _PCM_BYTES if b'"type": "pcm"' in end else _MP3_BYTES
        self.sizes.append(size)
        self.last_recognition = size * 3 / 4 / rate / _RECOGNITION_SPEED
        sleep(_ROUND_TRIP + self.last_recognition)
        connection.sendall(answer_head("text/event-stream", len(TRANSCRIPT)) + TRANSCRIPT)


@dataclass(frozen=True)
class Sent:
    """A run, the bytes it sent, and the least time that the line and the last answer take."""

    run: Run
    size: int
    ideal: float


def send(places: Places, path: Path, megabits: float, *options: str) -> Sent:
    """Transcribe ``path`` over a line of so many Mbit/s."""
    server, rate = TimedServer(), megabits * 1e6 / 8
    try:
        service = DistantService(server, Line(rate))
        run = finished((*places.stepcli, *_OPTIONS, *options, str(path)), server.environ)
    finally:
        server.close()
    size = sum(service.sizes)
    return Sent(run, size, 2 * _ROUND_TRIP + size / rate + service.last_recognition)


def rows(places: Places, directory: Path, hours: tuple[float, float]) -> Iterator[Row]:
    """Yield the rows of an m4a and a WAV file of so many hours, and of an utterance of 10 s."""
    m4a = _sound(directory, hours[0], "m4a")
    inputs = (m4a, _sound(directory, hours[1], "wav"), _sound(directory, 10 / 3600, "wav"))
    seconds = [3600 * hours[0], 3600 * hours[1], 10.0]
    for path, length in zip(inputs, seconds, strict=True):
        for megabits in _MEGABITS:
            yield from _line_rows(places, path, length, megabits, judged=path == m4a)
    yield from _memory_rows(places, directory, inputs[1])


def _line_rows(
    places: Places, path: Path, seconds: float, megabits: int, *, judged: bool
) -> Iterator[Row]:
    sent = send(places, path, megabits)
    what = f"transcribe of {path.name}, {megabits} Mbit/s, 100 ms"
    took, is_typical = sent.run.seconds, judged and megabits == 20
    yield Row(f"{what} / ideal", took, sent.ideal, "s", 1.4 if is_typical else None)
    pcm = _seconds_as_pcm(places, path, seconds, megabits)
    yield Row(f"{what} / PCM", took, pcm, "s")
    if is_typical:
        kbits = sent.size * 8 / 1000 / seconds
        yield Row(f"{what}: sent", kbits, 256 * 4 / 3, "kbit/s", 64, absolute=True)
        yield Row(f"{what}: processor", sent.run.cpu, seconds, "s", 20, absolute=True)


def _seconds_as_pcm(places: Places, path: Path, seconds: float, megabits: int) -> float:
    """Return how long sending samples takes; the least possible for long audio."""
    if seconds <= _PCM_PIECE:
        return send(places, path, megabits, "--upload-format", "pcm").run.seconds
    size = seconds * _PCM_BYTES * 4 / 3
    return 2 * _ROUND_TRIP + size * 8 / (megabits * 1e6) + _PCM_PIECE / _RECOGNITION_SPEED


def _memory_rows(places: Places, directory: Path, long: Path) -> Iterator[Row]:
    server = TimedServer()
    try:
        DistantService(server, Line(100e6))
        short = _sound(directory, 1 / 6, "wav")
        most, least = (
            peak_memory((*_OPTIONS, path), server.environ, places.stepcli) / 1024
            for path in (long, short)
        )
    finally:
        server.close()
    yield Row(f"peak memory, transcribe: {long.name} / 10 min", most, least, "MiB", 1.15)


def _sound(directory: Path, hours: float, kind: str) -> Path:
    """Write readings for so many hours: WAV, or m4a of 64 kbit/s."""
    minutes = f"{60 * hours:.3g}min"
    wav = directory / f"{minutes}.wav"
    write_long(wav, READINGS, 3600 * hours)
    if kind == "wav":
        return wav
    path = directory / f"{minutes}.{kind}"
    command = ("ffmpeg", "-v", "error", "-i", wav, "-ac", "2", "-ar", "44100", "-b:a", "64k", path)
    subprocess.run(command, check=True)
    return path
