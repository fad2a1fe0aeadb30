"""Runs of programs under a stopwatch, each kind in turn so that a busy moment hits all alike."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

Taken = dict[str, list[float]]


def in_turn(cases: Mapping[str, Callable[[], float]], runs: int) -> Taken:
    """What each case took, ``runs`` times; before several a round that warms the disk up."""
    if runs > 1:
        for measure in cases.values():
            measure()
    taken: Taken = {name: [] for name in cases}
    for _ in range(runs):
        for name, measure in cases.items():
            taken[name].append(measure())
    return taken


@dataclass
class Run:
    """A program under way: since when, and once it is over until when and how much it computed."""

    process: subprocess.Popen[bytes]
    began: float
    ended: float = 0.0
    cpu: float = 0.0


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str] = {}, *, stdout: int = subprocess.DEVNULL
) -> Iterator[Run]:
    """The program, which has to end well within the block or soon after it."""
    environment = _plain() | dict(environ)
    began = monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=environment
    )
    run = Run(process, began)
    try:
        yield run
        _, status, usage = os.wait4(process.pid, 0)
        run.ended = monotonic()
        run.cpu = usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stderr
        assert process.returncode == 0, (command, process.stderr.read())
    finally:
        process.kill()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def elapsed(command: Sequence[str], environ: Mapping[str, str] = {}, code: int = 0) -> float:
    """Seconds from start to end of a program that ends with ``code``."""
    environment = _plain() | dict(environ)
    began = monotonic()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False
    )
    assert done.returncode == code, (command, done.stderr)
    return monotonic() - began


def _plain() -> dict[str, str]:
    """The environment without what developers tell Python, which users do not."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
