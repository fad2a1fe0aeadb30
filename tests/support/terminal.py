"""The program on a terminal of its own: what is typed, and what a person would see."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.program import COMMAND, Program

CTRL_C, CTRL_D = "\x03", "\x04"


class Screen:
    """A pseudo-terminal with the program on it."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.shown = ""
        self._master = master
        self._seen = 0

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait_for(self, text: str) -> None:
        """Until ``text`` is shown after what was waited for before."""
        assert self._sees(text, 30), f"{text!r} is not shown but {self.shown!r}"

    def press_until(self, key: str, text: str) -> None:
        """Press ``key``, again where that went unnoticed, until ``text`` is shown.

        A signal between two looks of Python's own line editor is seen with the next key only.
        """
        self.type(key)
        while not self._sees(text, 5):
            self.type(key)

    def _sees(self, text: str, patience: float) -> bool:
        while (place := self.shown.find(text, self._seen)) < 0:
            if not self._read(patience):
                return False
        self._seen = place + len(text)
        return True

    def wait(self) -> int:
        """The exit code."""
        while self._read(30):
            pass
        return self.process.wait(30)

    def _read(self, patience: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], patience)
        data = b""
        with suppress(OSError):  # EIO is how Linux says that nobody holds the other end
            data = os.read(self._master, 65536) if ready else b""
        self.shown += data.decode(errors="replace")
        return bool(data)


@contextmanager
def on_terminal(program: Program, *arguments: str | Path, **environ: str) -> Iterator[Screen]:
    """A run under way on a terminal of its own; killed at the end of the block."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=program.environment({"TERM": "xterm", **environ}),
        cwd=program.home,
        preexec_fn=lambda: os.login_tty(slave),
    ) as process:
        os.close(slave)
        try:
            yield Screen(process, master)
        finally:
            process.kill()
            os.close(master)
