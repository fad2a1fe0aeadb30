"""Being let run before everything else, for what stands in for hardware."""

from __future__ import annotations

import os
from contextlib import suppress


def go_first(pid: int = 0) -> None:
    """Let a process (0: this one), and the threads it starts from now on, run when it wants to.

    Needs a privilege; without it nothing changes.
    """
    with suppress(AttributeError, PermissionError):
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(1))
