"""What C libraries print."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, logging, sys
from stepcli.audio.c_stderr import silence_c_stderr

logging.basicConfig(level=logging.{level}, stream=sys.stdout)
silence_c_stderr()
libc = ctypes.CDLL(None)
libc.fputs(b"from C\\n", ctypes.c_void_p.in_dll(libc, "stderr"))
libc.fflush(None)
print("from Python", file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be silenced")
@pytest.mark.parametrize(
    ("level", "printed"), [("WARNING", "from Python\n"), ("DEBUG", "from C\nfrom Python\n")]
)
def test_c_libraries_print_only_while_debugging(level: str, printed: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(level=level)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == printed
