"""A sandbox server in its own process, with access to its faults and its log."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from tests.support.program import default_interrupt


@dataclass(frozen=True)
class Sandbox:
    """``base`` is the plan base; ``key`` is the only accepted key."""

    base: str
    key: str
    process: subprocess.Popen[bytes]

    @property
    def environ(self) -> dict[str, str]:
        return {"STEPCLI_BASE_URL": self.base, "STEP_API_KEY": self.key}

    @property
    def origin(self) -> str:
        """The URL without a path."""
        return self.base.removesuffix("/step_plan/v1")

    def fault(self, *specs: str) -> None:
        """Add faults, which count requests from now on; earlier ones stay until ``reset``."""
        self._control("POST", "faults", {"faults": list(specs)})

    def reset(self) -> None:
        """Remove all faults and clear the log."""
        self._control("DELETE", "faults")
        self._control("DELETE", "log")

    def log(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Return the requests since the last reset, of one endpoint or of all."""
        entries: list[dict[str, Any]] = self._control("GET", "log")["entries"]
        return [entry for entry in entries if endpoint in (None, entry["endpoint"])]

    def _control(self, method: str, what: str, body: object = None) -> Any:
        request = Request(f"{self.origin}/_sandbox/{what}", method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def sandbox(*arguments: str, deterministic: bool = True) -> Iterator[Sandbox]:
    """Run ``stepcli sandbox``, by default deterministic so that audio can be compared.

    It must not write to stderr, unless a signal ends it.
    """
    options = ["--with-parent", *arguments]
    options += ["--deterministic"] if deterministic else []
    command = [sys.executable, "-m", "stepcli", "sandbox", *options]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as stderr,
        subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=stderr, preexec_fn=default_interrupt
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            base, key = (process.stdout.readline().decode().strip() for _ in range(2))
            yield Sandbox(base.partition("=")[2], key.partition("=")[2], process)
        finally:
            process.stdin.close()
            try:
                process.wait(20)
            finally:
                process.kill()
        stderr.seek(0)
        assert process.returncode or stderr.read().decode() == ""
