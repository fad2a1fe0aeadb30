"""Run lines of the README in a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def stand_in(programs: Path, name: str, script: str) -> None:
    """Create a shell script ``name`` that replaces a program which not every machine has."""
    programs.mkdir(exist_ok=True)
    path = programs / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def pasted(line: str, cwd: Path, environ: Mapping[str, str], *programs: Path) -> str:
    """Return what ``line`` prints, with ``programs`` first on the PATH. Fail if it fails."""
    path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=cwd, env={**environ, "PATH": path},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
