"""How somebody at the microphone says "that was it": Enter, Ctrl-C, SIGTERM."""

from __future__ import annotations

import select
import signal
import sys
from types import FrameType
from typing import Any, Self

from stepcli.cli.terminal import Terminal

_NAMES = ("SIGINT", "SIGTERM")


class Stop:
    """Inside the block the first Ctrl-C or SIGTERM only asks to stop; the next does as always.

    Calling it tells whether a stop was asked for, by a signal or by Enter on a terminal; another
    stdin is not touched.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for name in _NAMES:
            number = getattr(signal, name)
            # What was started to be ignored, as a shell starts a job in the background, stays so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._heed)
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def restore(self) -> None:
        """Signals mean again what they always mean."""
        while self._before:
            signal.signal(*self._before.popitem())

    def ask(self) -> None:
        """As if somebody had said so."""
        self._asked = True

    def __call__(self) -> bool:
        self._asked = self._asked or (self._terminal.stdin_is_terminal and self._entered())
        return self._asked

    def _heed(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        self.restore()

    def _entered(self) -> bool:
        """Whether a line, or the end of the input, was typed."""
        if sys.platform == "win32":
            import msvcrt

            while msvcrt.kbhit():
                if msvcrt.getwch() in "\r\n":
                    return True
            return False
        if not select.select([self._terminal.stdin], [], [], 0)[0]:
            return False
        if self._terminal.stdin.readline():
            self._terminal.step_back()
        return True
