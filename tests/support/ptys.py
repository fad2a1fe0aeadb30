"""The program on a terminal of its own: what it shows there, and what is typed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.support.program import COMMAND, Program

PATIENCE = 30.0


class Screen:
    """A run whose stdin and stderr are a terminal and whose stdout is a pipe."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self.text = ""
        self._terminal = terminal

    def wait_for(self, words: str) -> None:
        """Until ``words`` have been shown."""
        until = time.monotonic() + PATIENCE
        while words not in self.text:
            assert time.monotonic() < until, f"{words!r} does not come: {self.text!r}"
            assert self._read(), f"it ended without {words!r}: {self.text!r}"

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def finish(self) -> tuple[int, str]:
        """The exit code and stdout, when the run is over."""
        while self._read():
            pass
        stdout, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, (stdout or b"").decode()

    def _read(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], PATIENCE)
        try:
            data = os.read(self._terminal, 4096) if ready else b""
        except OSError:
            return False
        self.text += data.decode(errors="replace")
        return bool(data)


def on_terminal(
    program: Program, *arguments: str | Path, **environ: str
) -> AbstractContextManager[Screen]:
    """The program, run by somebody who sits at a terminal; killed if it outlives the block."""
    return _run(program, arguments, environ, stdout=subprocess.PIPE)


def wholly_on_terminal(
    program: Program, *arguments: str | Path, **environ: str
) -> AbstractContextManager[Screen]:
    """Its stdout goes to the terminal too, and ``finish`` gives none."""
    return _run(program, arguments, environ, stdout=None)


@contextmanager
def _run(
    program: Program,
    arguments: Sequence[str | Path],
    environ: Mapping[str, str],
    stdout: int | None,
) -> Iterator[Screen]:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=follower,
        stdout=follower if stdout is None else stdout,
        stderr=follower,
        env=program.environment({"TERM": "xterm", **environ}),
        cwd=program.home,
        start_new_session=True,
        preexec_fn=_take_terminal,
    ) as process:
        os.close(follower)
        try:
            yield Screen(process, leader)
        finally:
            process.kill()
            os.close(leader)


def _take_terminal() -> None:
    """So that Ctrl-C and /dev/tty are this terminal's."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
