"""A line of the README, pasted into a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def stand_in(programs: Path, name: str, script: str) -> None:
    """A program called ``name``: a few lines of shell in place of what not every machine has."""
    programs.mkdir(exist_ok=True)
    path = programs / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def pasted(line: str, cwd: Path, environ: Mapping[str, str], *programs: Path) -> str:
    """What ``line`` prints, with ``programs`` found first. It must end well."""
    with started(line, cwd, environ, *programs) as run:
        stdout, stderr = run.communicate(timeout=120)
    assert run.returncode == 0, stderr.decode()
    return stdout.decode()


@contextmanager
def started(
    line: str, cwd: Path, environ: Mapping[str, str], *programs: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """``line`` under way; killed at the end of the block, if it still lives."""
    path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    with subprocess.Popen(
        ["bash", "-c", line],
        cwd=cwd,
        env={**environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        try:
            yield run
        finally:
            run.kill()
