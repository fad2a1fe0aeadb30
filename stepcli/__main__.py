"""The process: ``stepcli`` and ``python -m stepcli``.

``--version`` and completion are answered without importing the command line parser.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

TYPE_CHECKING = False  # importing typing for it would take longer than --version
if TYPE_CHECKING:
    from types import TracebackType
    from typing import NoReturn

    from stepcli.cli.signals import Signals

COMPLETE = "_STEPCLI_COMPLETE"
"""Names what a completion script asks for: see ``stepcli/cli/completion/dynamic.py``."""


def program() -> NoReturn:
    """Run the command line of a process that runs nothing else, and end the process."""
    sys.excepthook = _print_unless_interrupted  # until Signals has its handlers installed
    # Start-up creates many objects and no garbage: without collections it takes 4 of 60 ms less
    # (7 %). The command turns them on again, see cli/params/command.py.
    gc.disable()
    if sys.argv[1:] == ["--version"] and _print_version():
        _exit(0)
    if COMPLETE not in os.environ:
        from stepcli.cli.connection_ahead import connect_ahead

        connect_ahead(sys.argv[1:], os.environ)
    from stepcli.cli.signals import Signals

    signals = Signals()
    signals.exit_at_once()
    code = main(signals)
    _close_early_connection()
    signals.restore_defaults()
    _exit(code, interrupted=code == 128 + _SIGINT and signals.received == _SIGINT)


def main(signals: Signals | None = None) -> int:
    """Run the command line of this process and return its exit code."""
    from stepcli.cli.io.terminal import process_terminal

    terminal = process_terminal()
    if source := os.environ.get(COMPLETE):
        from stepcli.cli.completion.dynamic import print_candidates

        line = " ".join(sys.argv[1:])
        print_candidates(source, line, os.environ, terminal.stdout)
        return 0
    from stepcli.cli.main import main

    return main(sys.argv[1:], os.environ, terminal, signals)


def _close_early_connection() -> None:
    """Close the connection of ``connection_ahead`` if no request has used it."""
    if early := sys.modules.get("stepcli.api.early_connection"):
        early.close_early()


def _print_version() -> bool:
    """Return whether it could be written; if not, the command reports why."""
    from stepcli import __version__

    try:
        os.write(sys.stdout.fileno(), f"stepcli {__version__}\n".encode())
    except (OSError, AttributeError):  # the latter if there is no stdout at all
        return False
    return True


def _exit(code: int, *, interrupted: bool = False) -> NoReturn:
    """End the process; if ``interrupted``, of SIGINT, so that a shell ends its loop as well.

    Python would first take every module apart, which takes 6 to 10 of 60 ms (measured). Threads
    that still run are left to Python, which waits for them, unless they are daemons.
    """
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - importing contextlib would take longer than --version
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # has been reported, or there is nowhere to report it
    threading = sys.modules.get("threading")
    if threading and sum(not thread.daemon for thread in threading.enumerate()) > 1:
        if interrupted:
            raise KeyboardInterrupt  # makes Python die of SIGINT once the threads have ended
        sys.exit(code)
    atexit._run_exitfuncs()
    if interrupted and sys.platform != "win32":
        os.kill(os.getpid(), _SIGINT)
    os._exit(code)


_SIGINT = 2


def _print_unless_interrupted(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Replace ``sys.excepthook``. After an interrupt Python dies of SIGINT by itself."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)


if __name__ == "__main__":
    program()
