"""Runs the program as a user does: a process of its own, in an environment of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = (sys.executable, "-W", "error", "-m", "stepcli")
LONGEST_RUN = 180
SYSTEM = ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR", "LANG", "STEPCLI_REQUIRE_DEVICES")


@dataclass(frozen=True)
class Finished:
    """A run that is over."""

    code: int
    out: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        return self.out.decode()


@dataclass
class Program:
    """``stepcli`` with a home directory and environment that nobody else has."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(
        self,
        *arguments: str | Path,
        input: bytes | str | None = None,
        **environ: str,
    ) -> Finished:
        """Run to the end. Without ``input`` stdin is empty."""
        given = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=given if given is not None else b"",
            capture_output=True,
            env=self.environment(environ),
            cwd=self.home,
            timeout=LONGEST_RUN,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr.decode())

    @contextmanager
    def started(
        self,
        *arguments: str | Path,
        stdin: int = subprocess.DEVNULL,
        environ: Mapping[str, str] = {},
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A run under way; killed at the end of the block if it still lives."""
        with subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(environ),
            cwd=self.home,
            preexec_fn=_default_interrupt,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def environment(self, more: Mapping[str, str] = {}) -> dict[str, str]:
        kept = {name: os.environ[name] for name in SYSTEM if name in os.environ}
        return kept | {"HOME": str(self.home), "PYTHONDEVMODE": "0"} | self.environ | dict(more)


def until(condition: Callable[[], object]) -> None:
    """Wait for something that must happen."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within half a minute")


def _default_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
