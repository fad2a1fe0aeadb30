"""Waiting is independent of jumps of the system clock."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support.program import Program
from tests.support.service import Sandbox

PACKAGE = Path(__file__).parents[2] / "stepcli"
DATED = {
    "api/diagnostics.py": "how far this clock is from the service's",
    "cli/commands/voices_uploads.py": "the age of an upload",
    "api/retry.py": "a Retry-After that is a date",
    "storage/directories.py": "unfinished work expires after a week",
    "storage/stop_request.py": "the age of a request, which is that of a file",
    "tasks/adaptive_limit.py": "a limit is remembered for a day",
}
"""Where the calendar is meant, and why; the sandbox dates its answers besides."""


def test_waiting_uses_the_monotonic_clock() -> None:
    """``time.time`` and ``datetime.now`` are used only for dates."""
    asking = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Attribute) and (
                (
                    node.attr == "time"
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "time"
                )
                or (
                    node.attr in ("now", "utcnow", "today")
                    and ast.unparse(node.value) == "datetime"
                )
            )
            imported = (
                isinstance(node, ast.ImportFrom)
                and node.module == "time"
                and any(alias.name == "time" for alias in node.names)
            )
            if named or imported:
                asking.add(path.relative_to(PACKAGE).as_posix())
    assert {name for name in asking if not name.startswith("sandbox/")} == set(DATED)


def test_implausible_retry_after_is_not_waited_for(stepcli: Program, service: Sandbox) -> None:
    """A wrong clock can make a date a year away, or past."""
    for date in ("Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"):
        service.reset()
        service.fault(f"speech:1:429,retry-after={date}")
        done = stepcli("speak", "Hello.", "-o", "x.mp3", "--retries", "0")
        assert done.code == 4
        done = stepcli("speak", "Hello.", "-o", "x.mp3")
        assert done.code == 0, done.stderr
