"""Runs of the program with fewer rights, files or space than it has here."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.local_rules import no_leftovers, quiet
from tests.support.program import COMMAND, Finished, Program

LONG = " ".join(f"Sentence number {number} of a text that is rather long." for number in range(24))
_BOUNDS_DROP, _OVERRIDE, _READ_SEARCH, _FOWNER = 24, 1, 2, 3


def no_superuser() -> None:
    """Drop the privileges of root before the program starts, so that permissions apply."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (_OVERRIDE, _READ_SEARCH, _FOWNER):
            libc.prctl(_BOUNDS_DROP, capability, 0, 0, 0)


def small_files() -> None:
    """Limit files to 8 kB before the program starts, as a full disk would."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


def few_files(count: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
"""A limit on the size of files would also truncate the bytecode that Python caches."""


def run(
    program: Program, *arguments: str | Path, before: Callable[[], None], **environ: str
) -> Finished:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=program.home,
        env=program.environment(NO_BYTECODE | environ),
        preexec_fn=before,
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr.decode())


def mounted(program: Program, mount: str, *arguments: str) -> Finished:
    """Run after the shell command `mount`, whose mounts only this run sees; root is needed."""
    alone = ["unshare", "--mount", "sh", "-ec"]
    try:
        subprocess.run([*alone, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting needs root")
    done = subprocess.run(
        [*alone, f'{mount}\nexec "$@"', "sh", *COMMAND, *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, cwd=program.home,
        env=program.environment(), timeout=120, check=False,
    )  # fmt: skip
    return Finished(done.returncode, done.stdout, done.stderr.decode())


def refused(done: Finished, program: Program, code: int = 2) -> None:
    assert done.code == code, done.stderr
    assert done.stderr.count("stepcli: error: cannot ") == 1, done.stderr
    assert quiet(done.stderr) == []
    assert no_leftovers(program.home) == []
