"""Runs the program in a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.program import COMMAND, Program

SIZE = (24, 80)
_PARTS = re.compile(r"(\x1b\[\??(\d*)[\d;]*([A-Za-z]))|([^\x1b])", re.S)


@dataclass
class Screen:
    """A run whose three streams are a terminal, except those that were redirected."""

    process: subprocess.Popen[bytes]
    reader: threading.Thread
    seen: bytearray

    @property
    def text(self) -> str:
        """All that was written, with its control sequences."""
        return self.seen.decode(errors="replace")

    @property
    def lines(self) -> list[str]:
        """What is left to read once all is drawn and erased, above the screen's end as well."""
        return _drawn(self.text)

    def wait(self, timeout: float = 120) -> int:
        return self.process.wait(timeout)

    def finish(self) -> int:
        """The exit code, once all that was written has been read."""
        code = self.wait()
        self.reader.join(10)
        return code

    def wait_for(self, text: str, timeout: float = 60) -> None:
        """Until ``text`` has been written."""
        for _ in range(round(timeout / 0.05)):
            if text in self.text:
                return
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
                self.reader.join(10)
        raise AssertionError(f"{text!r} never came; there is {self.text!r}")


@contextmanager
def screen(
    program: Program,
    *arguments: str | Path,
    stdout: Path | None = None,
    stderr: Path | None = None,
    command: Sequence[str] = COMMAND,
) -> Iterator[Screen]:
    """A run of the program, or of another ``command``, in a terminal of 24 lines and 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    with ExitStack() as stack:
        out, err = (
            stack.enter_context(path.open("wb")) if path else theirs for path in (stdout, stderr)
        )
        process = subprocess.Popen(
            [*command, *map(str, arguments)],
            stdin=theirs,
            stdout=out,
            stderr=err,
            env=program.environment({"TERM": "xterm-256color"}),
            cwd=program.home,
            start_new_session=True,
        )
    os.close(theirs)
    with process:
        seen = bytearray()
        reader = threading.Thread(target=_read, args=(ours, seen), daemon=True)
        reader.start()
        try:
            yield Screen(process, reader, seen)
        finally:
            process.kill()
            process.wait()
            reader.join(5)
            os.close(ours)


def _drawn(text: str) -> list[str]:
    """As much of a terminal as rich makes use of."""
    rows, row, column = [""], 0, 0
    for control, argument, kind, character in _PARTS.findall(text):
        if control:
            rows[row] = "" if kind == "K" else rows[row]
            row -= int(argument or 1) if kind == "A" else 0
        elif character == "\r":
            column = 0
        elif character == "\n" or column == SIZE[1]:
            row, column = row + 1, 0 if character == "\n" else column % SIZE[1]
            rows += [""] * (row + 1 - len(rows))
        if character and character not in "\r\n":
            rows[row] = rows[row][:column].ljust(column) + character + rows[row][column + 1 :]
            column += 1
    return rows


def _read(terminal: int, into: bytearray) -> None:
    with suppress(OSError):
        while data := os.read(terminal, 65536):
            into += data
