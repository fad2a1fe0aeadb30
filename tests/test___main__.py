"""The early end of the process."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.program import Program, until
from tests.support.service import Sandbox
from tests.support.terminal import CTRL_C, on_terminal

LEAVE = "from stepcli.__main__ import _exit\nprint('written', end='')\n"


def _ends(code: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{LEAVE}{code}\n_exit(3)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_output_is_flushed() -> None:
    assert _ends("") == (3, "written")


def test_exit_handlers_run() -> None:
    """PortAudio is terminated by one."""
    assert _ends("import atexit; atexit.register(print, ', done')") == (3, "written, done\n")


def test_threads_are_waited_for() -> None:
    code = (
        "import threading\n"
        "def work(): threading.main_thread().join(); print(', worked')\n"
        "threading.Thread(target=work).start()\n"
    )
    assert _ends(code) == (3, "written, worked\n")


def test_daemon_threads_do_not_make_python_take_its_modules_apart() -> None:
    """Workers that wait for more requests are daemons."""
    code = (
        "import threading\n"
        "class Module:\n"
        "    def __del__(self): print(', taken apart')\n"
        "module = Module()\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    assert _ends(code) == (3, "written")


INTERRUPTED_START = """
import os, signal, sys

class Finder:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Finder())
sys.argv = ["stepcli", "speak", "--help"]
from stepcli.__main__ import program
program()
"""


@pytest.mark.parametrize("module", ["stepcli.cli.signals", "stepcli.cli.io.terminal", "typer"])
def test_interrupt_during_start_up_is_quiet(module: str) -> None:
    """The process dies of SIGINT without a traceback, even before it has handlers."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_START.format(module=module)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGINT
    assert done.stderr in ("", "stepcli: interrupted\n")


def test_ctrl_c_ends_a_shell_loop(stepcli: Program, service: Sandbox) -> None:
    service.fault("speech:*:stall,after=1000")
    program = f"{sys.executable} -m stepcli speak Hello -o x.wav"
    loop = ["bash", "-c", f"for turn in 1 2 3; do {program}; done; echo went on"]
    with on_terminal(stepcli, command=loop) as screen:
        until(lambda: any(stepcli.home.glob(".stepcli-*")))
        screen.type(CTRL_C)
        screen.finish()
    assert screen.text.count("stepcli: interrupted") == 1
    assert "went on" not in screen.text
