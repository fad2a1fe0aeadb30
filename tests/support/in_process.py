"""Run the program inside the test: ``main`` with streams and an environment of its own."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, chdir
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from stepcli import redaction
from stepcli.cli.invocation import Invocation
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.main import main
from tests.support.program import Finished


def pipes(stdin: str = "") -> Terminal:
    """Return a terminal whose streams are ``StringIO`` pipes."""
    return Terminal(io.StringIO(stdin), io.StringIO(), io.StringIO())


def invocation(*arguments: str, environ: Mapping[str, str] = {}) -> Invocation:
    """Return what ``stepcli.cli.app.run`` takes, with pipes in memory."""
    return Invocation.begin(arguments, environ, pipes())


@dataclass
class InProcess:
    """Called as ``Program`` is, for tests that are not about processes, pipes or signals."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, *arguments: str | Path, input: bytes | str = b"", **environ: str
    ) -> Finished:
        """Run to the end. Libraries that read ``os.environ`` see the run's environment there."""
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        variables = kept | {"HOME": str(self.home)} | self.environ | environ
        with ExitStack() as stack:
            stdin, stdout, stderr = (
                stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)
            )
            stdin.write(input.encode() if isinstance(input, str) else input)
            stdin.seek(0)
            terminal = Terminal(
                io.TextIOWrapper(stdin, "utf-8"),
                io.TextIOWrapper(stdout, "utf-8", "surrogateescape", write_through=True),
                io.TextIOWrapper(stderr, "utf-8", "backslashreplace", write_through=True),
            )
            stack.enter_context(patch.dict(os.environ, variables, clear=True))
            stack.enter_context(patch.object(redaction, "_secrets", set[str]()))
            stack.enter_context(chdir(self.home))
            code = main([*map(str, arguments)], variables, terminal)
            stdout.seek(0)
            stderr.seek(0)
            return Finished(code, stdout.read(), stderr.read().decode())
