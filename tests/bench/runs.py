"""Timed runs of programs, alternating between cases so that other load affects all alike."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


def in_turn(cases: Mapping[str, Callable[[], T]], runs: int) -> dict[str, list[T]]:
    """Return the results of ``runs`` rounds, after one round that fills the disk cache."""
    if runs > 1:
        for measure in cases.values():
            measure()
    taken: dict[str, list[T]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, measure in cases.items():
            taken[name].append(measure())
    return taken


@dataclass
class Run:
    """A running program: its start, and after its end the end and the processor time."""

    process: subprocess.Popen[bytes]
    began: float
    ended: float = 0.0
    cpu: float = 0.0

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@contextmanager
def running(
    command: Sequence[str],
    environ: Mapping[str, str] = {},
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    code: int = 0,
) -> Iterator[Run]:
    """Yield the program, which must exit with ``code`` in the block or soon after it."""
    environment = _plain() | dict(environ)
    began = monotonic()
    process = subprocess.Popen(
        command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=environment
    )
    run = Run(process, began)
    try:
        yield run
        _, status, usage = os.wait4(process.pid, 0)
        run.ended = monotonic()
        run.cpu = usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stderr
        assert process.returncode == code, (command, process.stderr.read())
    finally:
        process.kill()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()


def finished(command: Sequence[str], environ: Mapping[str, str] = {}, code: int = 0) -> Run:
    """Run a program to its end."""
    with running(command, environ, code=code) as run:
        pass
    return run


def _plain() -> dict[str, str]:
    """Return the environment without Python's development settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
