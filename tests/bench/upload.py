"""Speed and memory of uploading an hour of audio."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.peak import peak_memory
from tests.bench.places import Places
from tests.bench.request import recognition_body
from tests.bench.runs import in_turn, running
from tests.bench.table import Row, middle
from tests.bench.timed_server import Sink, TimedServer
from tests.bench.upload_memory import write_quiet_wav

_AT_ONCE = 8
_MEGABYTE = 1e6


def rows(places: Places, runs: int, directory: Path, minutes: float) -> Iterator[Row]:
    """Yield the rows for ``minutes`` of WAV against a prepared body with the same audio."""
    server = TimedServer()
    sink = Sink(server)
    wav, short, body = directory / "long.wav", directory / "minute.wav", directory / "long.json"
    write_quiet_wav(wav, seconds=60 * minutes)
    write_quiet_wav(short, seconds=60)
    body.write_text(recognition_body(wav))
    listen = ("transcribe", "-l", "en", "--no-cache")
    ours = (*places.stepcli, *listen, str(wav))
    limit = (*places.limit("transcribe"), server.address, server.key, str(body))
    try:
        with sink.open(_AT_ONCE):
            taken = in_turn(
                {
                    "ours": partial(_speed, server, sink, ours),
                    "limit": partial(_speed, server, sink, limit),
                },
                runs,
            )
            long, least = (
                peak_memory((*listen, path), server.environ, places.stepcli)
                for path in (wav, short)
            )
    finally:
        server.close()
    yield Row(
        f"upload of {minutes:g} min of WAV / limit",
        middle(taken["ours"], 1 / _MEGABYTE),
        middle(taken["limit"], 1 / _MEGABYTE),
        "MB/s",
        0.7,
        at_least=True,
    )
    what = f"peak memory, transcribe: {minutes:g} min"
    yield Row(f"{what} / 1 min", long / 1024, least / 1024, "MiB", 1.15)
    yield Row(f"{what}, in all", long / 1024, least / 1024, "MiB", 90.0, absolute=True)


def _speed(server: TimedServer, sink: Sink, command: tuple[str, ...]) -> float:
    with running(command, server.environ):
        pass
    return sink.take_speed()
