"""Ctrl-C, SIGTERM and SIGHUP, from the first import to the end of clean-up.

While a command runs they raise exceptions in the main thread, so that every block cleans up. Before
and after that they end the process at once, without a message.
"""

from __future__ import annotations

import _thread
import os
import select
import signal
import sys
import weakref
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from stepcli.cli.io.terminal import Terminal

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

    Handler = Callable[[int, FrameType | None], None]

_NUMBERS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
_RECENT = 1.0
_UNWINDING = 2.0
_RETRY_DELAY = 0.01
_PYTHONS_OWN = (signal.SIG_DFL, signal.default_int_handler)


class _Interrupted(KeyboardInterrupt):
    """Ctrl-C. A class of our own can be referenced weakly."""


class Signals:
    """The handlers of this process. ``received`` is the last number, 0 before there was any."""

    def __init__(self) -> None:
        self.received = 0
        self._when = 0.0
        self._raised: Callable[[], BaseException | None] = lambda: None
        self._clean_up: Callable[[], None] = lambda: None
        self._numbers = [each for each in _NUMBERS if signal.getsignal(each) in _PYTHONS_OWN]

    def exit_at_once(self) -> None:
        """End the process on a signal, until ``raise_exceptions`` is called."""
        sys.unraisablehook = _raise_again
        self._handle(self._exit)

    def raise_exceptions(self) -> None:
        """Raise KeyboardInterrupt and Terminated in the main thread from now on."""
        self._handle(self._raise)

    def finish(self, clean_up: Callable[[], None]) -> None:
        """Clean up after the run; a signal from now on does the same and ends the process."""
        self._clean_up = clean_up
        self._handle(self._exit)
        clean_up()

    def restore_defaults(self) -> None:
        """Let a signal end the process from now on."""
        self._handle(signal.SIG_DFL)

    def _handle(self, handler: Handler | signal.Handlers) -> None:
        for number in self._numbers:
            signal.signal(number, handler)

    @property
    def recent(self) -> bool:
        """Whether an error that occurs now may be the effect of a signal."""
        return bool(self.received) and monotonic() - self._when < _RECENT

    def interrupt(self) -> KeyboardInterrupt:
        """Return the exception for the last signal."""
        if self.received == signal.SIGINT:
            return _Interrupted()
        from stepcli.errors import Terminated

        return Terminated(128 + self.received)

    def _raise(self, number: int, _frame: FrameType | None) -> None:
        if not self._is_unwinding:
            raise self._new_interrupt(number)

    def _new_interrupt(self, number: int) -> KeyboardInterrupt:
        self.received, self._when = number, monotonic()
        error = self.interrupt()
        self._raised = weakref.ref(error)
        return error

    @property
    def _is_unwinding(self) -> bool:
        """Whether blocks still clean up after the last signal: another one would cut them short.

        The exception exists as long as it propagates. Clean-up that hangs can be interrupted later.
        """
        return self._raised() is not None and monotonic() - self._when < _UNWINDING

    def _exit(self, number: int, _frame: FrameType | None) -> NoReturn:
        self._clean_up()
        if number == signal.SIGINT and sys.platform != "win32":
            # Only a process that dies of it makes the shell end the loop that runs it.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        os._exit(128 + number)


def _raise_again(unraisable: UnraisableHookArgs) -> None:
    """Replace ``sys.unraisablehook``: repeat a signal that came where nothing can be raised.

    A finalizer is such a place, and so is this hook. Therefore a thread repeats it a moment later.
    """
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        code: int = getattr(unraisable.exc_value, "exit_code", 128 + signal.SIGINT)
        import threading

        again = threading.Timer(_RETRY_DELAY, _send_to_main_thread, [signal.Signals(code - 128)])
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)


def _send_to_main_thread(number: signal.Signals) -> None:
    """Send a signal that also ends a system call, which ``interrupt_main`` does not."""
    import threading

    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(number)


_NAMES = ("SIGINT", "SIGTERM")


class Stop:
    """A block in which the first Ctrl-C or SIGTERM only requests a stop; the next one interrupts.

    Calling it returns whether a stop was requested, by a signal or by Enter on a terminal. A stdin
    that is not a terminal is not read.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for name in _NAMES:
            number = getattr(signal, name)
            # A shell starts background jobs with SIGINT ignored, and it stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._heed)
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def restore(self) -> None:
        """Restore the previous handlers."""
        while self._before:
            signal.signal(*self._before.popitem())

    def ask(self) -> None:
        """Request a stop."""
        self._asked = True

    def __call__(self) -> bool:
        self._asked = self._asked or (self._terminal.stdin_is_terminal and self._entered())
        return self._asked

    def _heed(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        self.restore()

    def _entered(self) -> bool:
        """Return whether a line or the end of the input was typed."""
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
