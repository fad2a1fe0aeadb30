"""Terminals: the program on a pseudo-terminal, and a stream that only says it is one."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.support.program import COMMAND, Finished, Program

CTRL_C, CTRL_D = "\x03", "\x04"
SIZE = (24, 80)
PATIENCE = 60.0
_PARTS = re.compile(r"(\x1b\[\??(\d*)[\d;]*([A-Za-z]))|([^\x1b])", re.S)


class FakeTerminal(io.StringIO):
    """A text stream that says it is a terminal; `seen` is set as soon as `wanted` was written."""

    encoding = "utf-8"

    def __init__(self, wanted: str = "\0") -> None:
        super().__init__()
        self.wanted = wanted
        self.seen = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.wanted in text:
            self.seen.set()
        return super().write(text)


class Screen:
    """A run whose streams are a terminal, unless they are redirected."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self._terminal = terminal
        self._shown = bytearray()
        self._seen = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """Everything that was written, with control sequences."""
        return self._shown.decode(errors="replace")

    @property
    def lines(self) -> list[str]:
        """The lines that remain after all drawing and erasing, including scrolled ones."""
        return _drawn(self.text)

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def wait_for(self, words: str) -> None:
        """Wait until ``words`` are shown."""
        assert self._sees(words, 0, PATIENCE), f"no {words!r} in {self.text!r}"

    def wait_for_next(self, words: str) -> None:
        """Wait until ``words`` are shown after the last words that were waited for."""
        assert self._sees(words, self._seen, PATIENCE), f"no other {words!r} in {self.text!r}"

    def press_until(self, key: str, words: str) -> None:
        """Press ``key``, repeatedly if it is not noticed, until ``words`` are shown.

        Python's line editor notices a signal between two polls only with the next key.
        """
        self.type(key)
        while not self._sees(words, self._seen, 5):
            self.type(key)

    def finish(self) -> Finished:
        """Wait for the end and return the result, with stdout if it is a pipe."""
        out, _ = self.process.communicate(timeout=2 * PATIENCE)
        self._reader.join(PATIENCE)
        return Finished(self.process.returncode, out or b"", self.text)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(5)
        os.close(self._terminal)

    def _sees(self, words: str, start: int, patience: float) -> bool:
        until = time.monotonic() + patience
        while (place := self.text.find(words, start)) < 0:
            if time.monotonic() > until or not self._reader.is_alive():
                place = self.text.find(words, start)
                break
            time.sleep(0.02)
        self._seen = max(self._seen, place + len(words)) if place >= 0 else self._seen
        return place >= 0

    def _read(self) -> None:
        with suppress(OSError):  # Linux reports EIO if the other end is closed
            while data := os.read(self._terminal, 65536):
                self._shown += data


@contextmanager
def on_terminal(
    program: Program,
    *arguments: str | Path,
    stdout: Path | int | None = None,
    stderr: Path | None = None,
    command: Sequence[str] = COMMAND,
    environ: Mapping[str, str] = {},
) -> Iterator[Screen]:
    """Yield a run of the program, or of ``command``, on a terminal of 24 lines and 80 columns.

    ``stdout`` and ``stderr`` can be redirected. The process is killed at the end of the block.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    with ExitStack() as stack:
        stack.callback(os.close, theirs)
        out, err = (_stream(stack, wanted, theirs) for wanted in (stdout, stderr))
        process = subprocess.Popen(
            [*command, *map(str, arguments)],
            stdin=theirs,
            stdout=out,
            stderr=err,
            env=program.environment({"TERM": "xterm-256color", **environ}),
            cwd=program.home,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
    with process:
        screen = Screen(process, ours)
        try:
            yield screen
        finally:
            screen.close()


def _stream(stack: ExitStack, wanted: Path | int | None, terminal: int) -> int:
    if isinstance(wanted, Path):
        return stack.enter_context(wanted.open("wb")).fileno()
    return terminal if wanted is None else wanted


def _take_terminal() -> None:
    """Make this terminal the one of Ctrl-C and /dev/tty, whatever the tests were started with."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _drawn(text: str) -> list[str]:
    """Return the screen after ``text``, as far as the program uses control sequences."""
    rows, row, column = [""], 0, 0
    for control, argument, kind, character in _PARTS.findall(text):
        if control:
            rows[row] = rows[row][:column] if kind == "K" else rows[row]
            row -= int(argument or 1) if kind == "A" else 0
            column += int(argument or 1) if kind == "C" else 0
            if kind == "J":
                rows[row:] = [rows[row][:column], *[""] * (len(rows) - row - 1)]
        elif character == "\r":
            column = 0
        elif character == "\n" or column == SIZE[1]:
            row, column = row + 1, 0 if character == "\n" else column % SIZE[1]
            rows += [""] * (row + 1 - len(rows))
        if character and character not in "\r\n":
            rows[row] = rows[row][:column].ljust(column) + character + rows[row][column + 1 :]
            column += 1
    return rows
