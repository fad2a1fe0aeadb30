"""Run the tests: ``python -m tests [--quick | --long] [-- PYTEST_ARGUMENT...]``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTEST = ("-m", "pytest", "-q")
PARALLEL = ("-n", str(max(2, os.cpu_count() or 2)))


@dataclass(frozen=True)
class Group:
    """Python arguments that run one group of tests, and environment variables to set for it."""

    name: str
    arguments: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> int:
        """Run to the end; the exit code."""
        sys.stdout.write(f"== {self.name}\n")
        sys.stdout.flush()
        command = [sys.executable, *self.arguments]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **self.environ}).returncode


def quick(extra: Sequence[str]) -> list[Group]:
    return [Group("quick tests", (*PYTEST, *PARALLEL, "-m", "quick", *extra))]


def full(extra: Sequence[str]) -> list[Group]:
    """The device tests run one by one: they record in real time, some on a machine kept busy."""
    return [
        Group("tests", (*PYTEST, *PARALLEL, "--ignore", "tests/devices", *extra)),
        Group("device tests", (*PYTEST, "tests/devices", *extra)),
    ]


def long(extra: Sequence[str], minutes: int) -> list[Group]:
    seed = str(int(time.time()))
    faults = (*PYTEST, *PARALLEL, "tests/faults", *extra)
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
        groups = long(chosen.extra, chosen.long)
    else:
        groups = quick(chosen.extra) if chosen.quick else full(chosen.extra)
    codes = [group.run() for group in groups]
    return next(filter(None, codes), 0)


if __name__ == "__main__":
    sys.exit(main())
