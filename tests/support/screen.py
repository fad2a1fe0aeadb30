"""Runs the program in a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.program import COMMAND, Program

SIZE = (24, 80)


@dataclass
class Screen:
    """A run whose three streams are a terminal, except those that were redirected."""

    process: subprocess.Popen[bytes]
    seen: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        """All that was written, with its control sequences."""
        return self.seen.decode(errors="replace")

    def wait(self, timeout: float = 120) -> int:
        return self.process.wait(timeout)

    def wait_for(self, text: str, timeout: float = 60) -> None:
        """Until ``text`` has been written."""
        for _ in range(round(timeout / 0.05)):
            if text in self.text:
                return
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
        raise AssertionError(f"{text!r} never came; there is {self.text!r}")


@contextmanager
def screen(
    program: Program, *arguments: str | Path, stdout: Path | None = None, stderr: Path | None = None
) -> Iterator[Screen]:
    """A run in a terminal of 24 lines and 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    with ExitStack() as stack:
        out, err = (
            stack.enter_context(path.open("wb")) if path else theirs for path in (stdout, stderr)
        )
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=theirs,
            stdout=out,
            stderr=err,
            env=program.environment({"TERM": "xterm-256color"}),
            cwd=program.home,
            start_new_session=True,
        )
    os.close(theirs)
    with process:
        run = Screen(process)
        reader = threading.Thread(target=_read, args=(ours, run.seen), daemon=True)
        reader.start()
        try:
            yield run
        finally:
            process.kill()
            process.wait()
            reader.join(5)
            os.close(ours)


def _read(terminal: int, into: bytearray) -> None:
    with suppress(OSError):
        while data := os.read(terminal, 65536):
            into += data
