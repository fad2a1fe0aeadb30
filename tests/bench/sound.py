"""Delay from the first byte of audio received to the first byte output, and its cost."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import monotonic, sleep

from tests.bench.places import Places
from tests.bench.request import TEXT
from tests.bench.runs import in_turn, running
from tests.bench.table import Row, middle
from tests.bench.timed_server import (
    RealtimeSession,
    TimedServer,
    answer_head,
    audio_delta,
    events,
    take_request,
)
from tests.devices.hearing import noise
from tests.devices.rig import RigMissing, Speaker, running_rig

BEHIND = 2.0
"""The milliseconds by which stepcli may be slower than the limit."""

_SETTLED = 0.1
"""The seconds after which a program is certainly waiting for audio."""
_BLOCK = 4800
_DELTA = 0.2
_RATE = 24000


def rows(places: Places, runs: int, directory: Path, minutes: float) -> Iterator[Row]:
    server = TimedServer()
    try:
        yield _delivered(server, "speak -o -", _speech(places, server), _speak, runs)
        yield _delivered(
            server, "stream -o -", _streaming(places, server, TEXT, "-"), _serve_session, runs
        )
        yield from _cost(places, server, directory, runs, minutes)
        yield from _heard(places, server, runs)
    finally:
        server.close()


Cases = Mapping[str, Sequence[str]]


def _delivered(
    server: TimedServer, what: str, cases: Cases, serve: Callable[..., float], runs: int
) -> Row:
    """Send blocks one by one, and wait for each at the other end."""
    taken = in_turn({name: partial(serve, server, case) for name, case in cases.items()}, runs)
    return Row(
        f"first audio byte to stdout, {what} / limit",
        middle(taken["ours"], 1000),
        middle(taken["limit"], 1000),
        "ms",
        BEHIND,
        above=True,
    )


def _speech(places: Places, server: TimedServer) -> Cases:
    given = (server.address, server.key, TEXT, "-")
    return {
        "ours": (*places.stepcli, "speak", TEXT, "-o", "-"),
        "limit": (*places.limit("speech"), *given),
    }


def _streaming(places: Places, server: TimedServer, text: str, output: str) -> Cases:
    given = (server.address, server.key, text, output)
    ours = ("stream", text, "-o", output, "--format", "pcm")
    return {
        "ours": (*places.stepcli, *ours),
        "limit": (*places.limit("stream"), *given),
        "websockets": (*places.peer("websockets_stream"), server.origin, *given[1:]),
    }


def _speak(server: TimedServer, command: Sequence[str]) -> float:
    with running(command, server.environ, stdout=subprocess.PIPE) as run:
        assert run.process.stdout
        with server.next_connection() as (connection, _):
            take_request(connection)
            connection.sendall(answer_head("audio/mpeg", 2 * _BLOCK))
            sleep(_SETTLED)
            sent = monotonic()
            connection.sendall(b"ID3\x04".ljust(_BLOCK, b"\0"))
            run.process.stdout.read(1)
            came = monotonic()
            connection.sendall(bytes(_BLOCK))
        run.process.stdout.read()
    return came - sent


def _serve_session(server: TimedServer, command: Sequence[str]) -> float:
    delta = audio_delta(_DELTA)
    with running(command, server.environ, stdout=subprocess.PIPE) as run:
        assert run.process.stdout
        with server.next_connection() as (connection, _):
            session = RealtimeSession(connection)
            session.receive_text()
            sleep(_SETTLED)
            sent = monotonic()
            session.speak(delta)
            run.process.stdout.read(1)
            came = monotonic()
            session.finish()
        run.process.stdout.read()
    return came - sent


def _cost(
    places: Places, server: TimedServer, directory: Path, runs: int, minutes: float
) -> Iterator[Row]:
    """Return the processor time per minute of PCM without the start."""
    cases = _streaming(places, server, TEXT, str(directory / "sound.pcm"))
    delta = audio_delta(_DELTA)

    def spent(command: Sequence[str]) -> float:
        short, long = (_computed(server, command, delta, size) for size in (0.0, minutes))
        return (long - short) / minutes

    taken = in_turn({name: partial(spent, case) for name, case in cases.items()}, runs)
    ours = middle(taken["ours"], 1000)
    for name, bar in (("limit", None), ("websockets", 1.5)):
        what = f"processor time for a minute streamed as PCM / {name}"
        yield Row(what, ours, middle(taken[name], 1000), "ms", bar)


def _computed(server: TimedServer, command: Sequence[str], delta: bytes, minutes: float) -> float:
    with running(command, server.environ) as run, server.next_connection() as (connection, _):
        session = RealtimeSession(connection)
        session.receive_text()
        for _ in range(1 + round(60 * minutes / _DELTA)):
            session.speak(delta)
        session.finish()
    return run.cpu


def _heard(places: Places, server: TimedServer, runs: int) -> Iterator[Row]:
    """Yield the row of playback as recorded; none without a virtual sound card."""
    with ExitStack() as stack:
        try:
            speaker = stack.enter_context(running_rig()).speaker(_RATE)
        except RigMissing:
            return
        sound = noise(_RATE, 0.5).tobytes()
        cases = {
            "ours": partial(_played, server, (*places.stepcli, "speak", TEXT), speaker, sound),
            "pacat": partial(_poured, speaker, sound),
        }
        taken = in_turn(cases, runs)
        ours, limit = (middle(taken[name], 1000) for name in cases)
        yield Row("first audio byte to the loudspeaker, speak / pacat", ours, limit, "ms")


def _played(server: TimedServer, command: Sequence[str], speaker: Speaker, sound: bytes) -> float:
    delta = {"type": "speech.audio.delta", "audio": b64encode(sound).decode()}
    body = events(delta, {"type": "speech.audio.done", "audio": ""})
    with (
        speaker.record() as recording,
        running(command, server.environ | speaker.environ),
        server.next_connection() as (connection, _),
    ):
        take_request(connection)
        connection.sendall(answer_head("text/event-stream", len(body)))
        sleep(3 * _SETTLED)
        sent = monotonic()
        connection.sendall(body)
        recording.wait_for_sound()
        return monotonic() - sent


def _poured(speaker: Speaker, sound: bytes) -> float:
    """Play with PulseAudio's own player, already connected, at the same latency."""
    program = shutil.which("pacat")
    assert program
    shape = ("--raw", f"--rate={_RATE}", "--channels=1", "--format=s16le", "--latency-msec=80")
    with speaker.record() as recording:
        process = subprocess.Popen([program, *shape], stdin=subprocess.PIPE, env=speaker.environ)
        with process:
            assert process.stdin
            sleep(3 * _SETTLED)
            sent = monotonic()
            process.stdin.write(sound)
            process.stdin.flush()
            recording.wait_for_sound()
            received = monotonic()
    return received - sent
