"""Peak memory of a run of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# The peak of a process includes the memory of its parent when it was started, so the parent must
# be smaller than everything that is measured.
_SMALL_PARENT = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


HERE = (sys.executable, "-m", "stepcli")


def peak_memory(
    arguments: Sequence[str | Path], environ: Mapping[str, str], program: Sequence[str] = HERE
) -> int:
    """Return the peak resident memory in kB of one successful run of ``program``."""
    command = [*program, *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, "-S", "-c", _SMALL_PARENT, *command],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}"
    return int(done.stdout)
