"""Ctrl-C, SIGTERM and SIGHUP, from the first import to the last clean-up.

While a command runs they are exceptions, so that everything is tidied on the way out. Before there
is anything to tidy, and once the run is over, they end the program at once and without a word.
"""

from __future__ import annotations

import _thread
import os
import select
import signal
import sys
from collections.abc import Callable
from time import monotonic
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from stepcli.cli.io.terminal import Terminal

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

    Handler = Callable[[int, FrameType | None], None]

_NUMBERS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
_SHORTLY = 1.0
_MOMENT = 0.01
_UNTOUCHED = (signal.SIG_DFL, signal.default_int_handler)


class Signals:
    """``received`` is the number of the last one, 0 before there was any."""

    def __init__(self) -> None:
        self.received = 0
        self._when = 0.0
        self._tidy: Callable[[], None] = lambda: None
        self._numbers = [each for each in _NUMBERS if signal.getsignal(each) in _UNTOUCHED]

    def end_at_once(self) -> None:
        """Until ``interrupt`` is called."""
        sys.excepthook = _quietly
        sys.unraisablehook = _later
        self._handle(self._leave)

    def interrupt(self) -> None:
        """From now on they are KeyboardInterrupt and Terminated, in the main thread."""
        self._handle(self._raise)

    def finish(self, tidy: Callable[[], None]) -> None:
        """The run is over: ``tidy``, and whatever comes now does no more than that either."""
        self._tidy = tidy
        self._handle(self._leave)
        tidy()

    def let_go(self) -> None:
        """Nothing is left to do but for the interpreter to end."""
        self._handle(signal.SIG_DFL)

    def _handle(self, handler: Handler | signal.Handlers) -> None:
        for number in self._numbers:
            signal.signal(number, handler)

    @property
    def recent(self) -> bool:
        """Whether what fails now may fail because of one."""
        return bool(self.received) and monotonic() - self._when < _SHORTLY

    def interruption(self) -> KeyboardInterrupt:
        """The exception that stands for what was received."""
        if self.received == signal.SIGINT:
            return KeyboardInterrupt()
        from stepcli.errors import Terminated

        return Terminated(128 + self.received)

    def _raise(self, number: int, _frame: FrameType | None) -> NoReturn:
        self.received, self._when = number, monotonic()
        raise self.interruption()

    def _leave(self, number: int, _frame: FrameType | None) -> NoReturn:
        self._tidy()
        os._exit(128 + number)


def _quietly(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An interrupt that nobody caught needs no explanation."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


def _later(unraisable: UnraisableHookArgs) -> None:
    """An interrupt at a place that cannot raise, as a finaliser, comes again at one that can.

    This is such a place itself, so it comes from a thread and a moment later.
    """
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        code: int = getattr(unraisable.exc_value, "exit_code", 128 + signal.SIGINT)
        import threading

        again = threading.Timer(_MOMENT, _thread.interrupt_main, [signal.Signals(code - 128)])
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)


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
