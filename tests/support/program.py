"""Run the program as a user does: in a process and an environment of its own."""

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

from tests.support import fork_server

COMMAND = (sys.executable, "-W", "error", "-m", "stepcli")
LONGEST_RUN = 180
INTERRUPTS = [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)]
"""Signals, and how the program ends after them: a shell's loop ends if it dies of SIGINT."""
SYSTEM = ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR", "LANG", "STEPCLI_REQUIRE_DEVICES")


@dataclass(frozen=True)
class Finished:
    """The result of a run."""

    code: int
    out: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        return self.out.decode()


@dataclass
class Program:
    """``stepcli`` with its own home directory and environment."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    timeout: float = LONGEST_RUN

    def __call__(
        self,
        *arguments: str | Path,
        input: bytes | str | None = None,
        **environ: str,
    ) -> Finished:
        """Run to the end. Without ``input`` stdin is an empty pipe."""
        given = (input.encode() if isinstance(input, str) else input) or b""
        words, variables = [*map(str, arguments)], self.environment(environ)
        if fork_server.SUPPORTED and not _concerns_python(variables):
            code, out, err = fork_server.fork_server().run(
                words, variables, self.home, input=given, timeout=self.timeout
            )
            return Finished(code, out, err.decode())
        done = subprocess.run(
            [*COMMAND, *words], input=given, capture_output=True, env=variables, cwd=self.home,
            timeout=self.timeout, check=False,
        )  # fmt: skip
        return Finished(done.returncode, done.stdout, done.stderr.decode())

    @contextmanager
    def started(
        self,
        *arguments: str | Path,
        stdin: int = subprocess.DEVNULL,
        environ: Mapping[str, str] = {},
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Yield a running process, which is killed at the end of the block."""
        with subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(environ),
            cwd=self.home,
            preexec_fn=default_interrupt,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def environment(self, more: Mapping[str, str] = {}) -> dict[str, str]:
        kept = {name: os.environ[name] for name in SYSTEM if name in os.environ}
        return kept | {"HOME": str(self.home)} | self.environ | dict(more)


def _concerns_python(environ: Mapping[str, str]) -> bool:
    """Return whether the interpreter itself reads one of the variables."""
    prefixes = ("PYTHON", "LC_", "LD_")
    return environ.get("LANG") != os.environ.get("LANG") or any(
        name.startswith(prefixes) for name in environ
    )


def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` is true; fail after half a minute."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within half a minute")


def default_interrupt() -> None:
    """Stop ignoring SIGINT, as a process in the background of a shell does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
