"""``--sandbox``: a sandbox of this run's own, in a process that does not outlive it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from stepcli.errors import StepcliError, UsageError
from stepcli.settings import KEY_VARIABLES, Key

_COMMAND = (sys.executable, "-m", "stepcli", "sandbox", "--port", "0", "--json", "--with-parent")

_OUT_OF_REACH: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""On Windows what a session of its own is elsewhere: Ctrl-C is for this process to handle."""


@contextmanager
def private_sandbox() -> Iterator[tuple[Key, str]]:
    """The key and the plan base of a sandbox that ends with this block, or with this process.

    Raises UsageError where the sandbox extra is not installed.
    """
    with subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name not in KEY_VARIABLES},
        creationflags=_OUT_OF_REACH,
    ) as process:
        try:
            yield _announced(process)
        finally:
            process.terminate()
            for stream in (process.stdin, process.stdout, process.stderr):
                with suppress(OSError):
                    stream and stream.close()


def _announced(process: subprocess.Popen[str]) -> tuple[Key, str]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise _explanation(process)
    told = json.loads(line)
    return Key(told["key"], "the sandbox"), told["base_url"]


def _explanation(process: subprocess.Popen[str]) -> StepcliError:
    _, complaint = process.communicate()
    try:
        error = json.loads(complaint.splitlines()[-1])["error"]
        return UsageError(error["message"], hint=error["hint"])
    except (IndexError, ValueError, KeyError, TypeError):
        return StepcliError("the private sandbox did not start", hint="try: stepcli sandbox")
