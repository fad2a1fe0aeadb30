"""One run from arguments to exit code: signals, the command, and every way it can fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from stepcli.cli.error_report import report, report_interrupt
from stepcli.cli.invocation import Invocation
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.signals import Signals
from stepcli.errors import OutputError, StepcliError
from stepcli.storage.temporary_files import temporary_files


def main(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    terminal: Terminal,
    signals: Signals | None = None,
) -> int:
    """Run one command line and return its exit code.

    ``signals`` is for a process that runs nothing else; without it the handlers of the process
    stay. What third-party libraries read from ``os.environ`` (HOME, proxies, TERM) is the caller's
    to set.
    """
    invocation = Invocation.begin(arguments, environ, terminal)
    temporary_files.open()
    try:
        with _thread_errors_hidden(invocation):
            return _guarded(invocation, signals)
    except KeyboardInterrupt as exc:
        return report_interrupt(exc, invocation.terminal)
    finally:
        if signals:
            signals.finish(temporary_files.remove_all)
        else:
            temporary_files.remove_all()


def _guarded(invocation: Invocation, signals: Signals | None) -> int:
    try:
        if signals:
            signals.raise_exceptions()
        return _run(invocation)
    except BrokenPipeError:
        if signals:
            invocation.terminal.discard_stdout()
        return 0
    except StepcliError as exc:
        if signals and isinstance(exc, OutputError):
            invocation.terminal.discard_stdout()
        return report(exc, invocation.terminal, debug=invocation.debug)
    except Exception as exc:  # noqa: BLE001 - the last resort: one sentence, never a bare traceback
        if signals and signals.recent:  # a library took the interrupt for a failure of its own
            return report_interrupt(signals.interrupt(), invocation.terminal)
        return report(exc, invocation.terminal, debug=invocation.debug)


def _run(invocation: Invocation) -> int:
    from stepcli.cli.app import run

    code = run(invocation)
    with invocation.terminal.writing():
        invocation.terminal.stdout.flush()
    return code


@contextmanager
def _thread_errors_hidden(invocation: Invocation) -> Iterator[None]:
    """Hide tracebacks of threads unless --debug is given.

    Our threads hand their exceptions on to the main thread. Those of libraries (httpx, PortAudio)
    die when their connection or device is closed under them, which is not a failure of the run.
    """

    def hook(args: threading.ExceptHookArgs) -> None:
        if invocation.debug:
            threading.__excepthook__(args)

    previous, threading.excepthook = threading.excepthook, hook
    try:
        yield
    finally:
        threading.excepthook = previous
