"""The early end of the process."""

from __future__ import annotations

import subprocess
import sys

LEAVE = "from stepcli.__main__ import _leave\nprint('written', end='')\n"


def _ends(code: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{LEAVE}{code}\n_leave(3)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_what_was_written_is_out() -> None:
    assert _ends("") == (3, "written")


def test_exit_handlers_run() -> None:
    """PortAudio is terminated by one."""
    assert _ends("import atexit; atexit.register(print, ', done')") == (3, "written, done\n")


def test_who_still_works_is_waited_for() -> None:
    code = (
        "import threading\n"
        "def work(): threading.main_thread().join(); print(', worked')\n"
        "threading.Thread(target=work).start()\n"
    )
    assert _ends(code) == (3, "written, worked\n")
