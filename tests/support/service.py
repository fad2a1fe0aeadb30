"""A sandbox server for tests, with access to its faults and its log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen


@dataclass(frozen=True)
class Sandbox:
    """``base`` is the plan base; ``key`` is the only accepted key."""

    base: str
    key: str

    @property
    def environ(self) -> dict[str, str]:
        return {"STEPCLI_BASE_URL": self.base, "STEP_API_KEY": self.key}

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
        parts = urlsplit(self.base)
        request = Request(f"{parts.scheme}://{parts.netloc}/_sandbox/{what}", method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def sandbox(*arguments: str, deterministic: bool = True) -> Iterator[Sandbox]:
    """Run a sandbox in its own process, by default deterministic so that audio can be compared."""
    options = ["--json", "--with-parent", *arguments]
    options += ["--deterministic"] if deterministic else []
    command = [sys.executable, "-m", "stepcli", "sandbox", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            reported = json.loads(process.stdout.readline())
            yield Sandbox(reported["base_url"], reported["key"])
        finally:
            process.stdin.close()
            process.terminate()
