"""Peak memory of a run of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def peak_memory(arguments: Sequence[str | Path], environ: Mapping[str, str]) -> int:
    """Kilobytes resident at most, of one ``stepcli`` run that must end well."""
    command = [sys.executable, "-m", "stepcli", *map(str, arguments)]
    process = subprocess.Popen(
        command, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{arguments} ended with {process.returncode}"
    return usage.ru_maxrss
