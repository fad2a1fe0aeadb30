"""Run the tests: ``python -m tests [--quick | --long] [-- PYTEST_ARGUMENT...]``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
PYTEST = ("-m", "pytest", "-q")
CORES = max(2, os.cpu_count() or 2)


@dataclass(frozen=True)
class Group:
    """Python arguments that run one group of tests, and environment variables to set for it."""

    name: str
    arguments: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)

    def run(self, output: IO[str] | None = None, niceness: int = 0) -> int:
        """Run to the end, with ``output`` as stdout; return the exit code."""
        command = [sys.executable, *self.arguments]
        environ = {**os.environ, **self.environ}
        # Container images set it. Without bytecode every process compiles what it imports.
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.run(
            command, cwd=ROOT, env=environ, stdout=output, preexec_fn=partial(os.nice, niceness)
        ).returncode


def run_in_turn(groups: Sequence[Group]) -> list[int]:
    """Run one group after another; return their exit codes."""
    codes = []
    for group in groups:
        _write(f"== {group.name}\n")
        codes.append(group.run())
    return codes


def run_beside(group: Group, other: Group) -> list[int]:
    """Run two groups at the same time, the first with a lower priority; return their exit codes.

    The output of the other follows that of the first.
    """
    with tempfile.TemporaryFile("w+") as output, ThreadPoolExecutor(1) as pool:
        _write(f"== {group.name}, beside them {other.name}\n")
        running = pool.submit(other.run, output)
        codes = [group.run(niceness=10), running.result()]
        output.seek(0)
        _write(f"== {other.name}\n{output.read()}")
    return codes


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def quick(extra: Sequence[str]) -> list[Group]:
    return [Group("quick tests", (*PYTEST, "-n", str(CORES), "-m", "quick", *extra))]


def full(extra: Sequence[str]) -> list[int]:
    """Run all tests; return the exit codes of the groups.

    Device tests record in real time, one by one, and leave the processor to the others: to all but
    those that measure how soon the program reacts, which run afterwards, several at a time because
    they wait for sound.
    """
    workers = str(CORES + 2)  # two of them wait for a server or a process most of the time
    spread = ("-n", workers, "--dist", "worksteal")  # neighbors share servers and what they cache
    tests = Group("tests", (*PYTEST, *spread, "--ignore", "tests/devices", *extra))
    of_delays = "(alone or delay)"
    devices = Group(
        "device tests", (*PYTEST, "tests/devices", "-m", f"not {of_delays} and not long", *extra)
    )
    delays = Group(
        "tests of delays",
        (
            *PYTEST,
            "-n",
            "4",
            "--maxschedchunk",
            "1",
            "tests/devices",
            "-m",
            f"{of_delays} and not long",
            *extra,
        ),
    )
    return [*run_beside(tests, devices), *run_in_turn([delays])]


def long(extra: Sequence[str], minutes: int) -> list[Group]:
    seed = str(int(time.time()))
    faults = (*PYTEST, "-n", str(CORES), "tests/faults", *extra)
    return [
        Group(
            "full fault matrix and fuzzing",
            faults,
            {"FAULT_MATRIX": "full", "FUZZ_EXAMPLES": "5000"},
        ),
        Group("long tests", (*PYTEST, "-m", "long", *extra)),
        Group("random signals", ("-m", "tests.faults.local_signals", str(10 * minutes), seed)),
        Group("soak", ("-m", "tests.faults.local_soak", str(minutes), seed)),
    ]


def main() -> int:
    """Run the groups that were asked for; the exit code of the first that failed."""
    parser = argparse.ArgumentParser(prog="python -m tests", description="Run the tests.")
    tier = parser.add_mutually_exclusive_group()
    tier.add_argument(
        "--quick",
        action="store_true",
        help="run only tests that start no server, program or device",
    )
    tier.add_argument(
        "--long",
        type=int,
        metavar="MINUTES",
        help="run the full fault matrix, random signals and the soak instead",
    )
    parser.add_argument("extra", nargs="*", metavar="-- ARGUMENT", help="arguments for pytest")
    chosen = parser.parse_args()
    if chosen.long:
        codes = run_in_turn(long(chosen.extra, chosen.long))
    elif chosen.quick:
        codes = run_in_turn(quick(chosen.extra))
    else:
        codes = full(chosen.extra)
    return next(filter(None, codes), 0)


if __name__ == "__main__":
    sys.exit(main())
