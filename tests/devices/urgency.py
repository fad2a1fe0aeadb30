"""Real-time priority for processes that replace hardware."""

from __future__ import annotations

import os
from contextlib import suppress


def go_first(pid: int = 0) -> None:
    """Give a process (0: this one) and its future threads real-time priority.

    Without the privilege, nothing changes.
    """
    with suppress(AttributeError, PermissionError):
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(1))
