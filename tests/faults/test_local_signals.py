"""Some shots of ``local_signals``, and moments that random shots miss."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.faults import local_signals
from tests.faults.local_rules import quiet, shell_code
from tests.support.program import Program
from tests.support.service import Sandbox

SHOTS = local_signals.plan(27, seed=2026)


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(SHOTS)))
def test_signal_at_a_random_moment_leaves_nothing(
    stepcli: Program, service: Sandbox, number: int
) -> None:
    """The exit code is 0, 129, 130 or 143; no partial file, process or traceback remains."""
    local_signals.furnish(stepcli.home)
    _, complaints = local_signals.shoot(stepcli, service, *SHOTS[number])
    assert complaints == []


INTERRUPTIONS = {
    "in an import": "sys.meta_path.insert(0, Finder())",
    "in a finaliser": "Dying(); time.sleep(5)",
    "at the end": "atexit.register(lambda: os.kill(os.getpid(), NUMBER) or time.sleep(5))",
}
_PROGRAM = """
import atexit, os, signal, sys, time
NUMBER = {number}
class Finder:
    def find_spec(self, name, *_):
        if name == "stepcli.cli.commands.speak":
            os.kill(os.getpid(), NUMBER)
            time.sleep(5)
class Dying:
    def __del__(self):
        os.kill(os.getpid(), NUMBER)
        for _ in range(1000): pass
sys.argv = ["stepcli", "speak", "--help"]
signal.signal(signal.SIGINT, signal.default_int_handler)
from stepcli import __main__
from stepcli.cli import app
run = app.run
def interrupted(*arguments):
    {where}
    return run(*arguments)
app.run = interrupted
__main__.program()
"""


@pytest.mark.parametrize("where", INTERRUPTIONS.values(), ids=INTERRUPTIONS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_during_start_and_exit_is_quiet(
    offline: Program, where: str, number: signal.Signals
) -> None:
    """Moments at which Python itself would print a traceback."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(number=int(number), where=where)],
        capture_output=True, text=True, env=offline.environment(), timeout=60, check=False,
    )  # fmt: skip
    assert shell_code(done.returncode) == 128 + number, done.stderr
    assert quiet(done.stderr) == []
    assert done.stderr in ("", "stepcli: interrupted\n", "stepcli: terminated\n")
