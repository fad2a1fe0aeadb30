"""The entry: ``stepcli`` and ``python -m stepcli``. ``--version`` and TAB are answered at once."""

from __future__ import annotations

import atexit
import gc
import os
import sys

TYPE_CHECKING = False  # typing's own, without typing, which takes longer than --version
if TYPE_CHECKING:
    from stepcli.cli.signals import Signals

COMPLETE = "_STEPCLI_COMPLETE"
"""Set by a completion script to what it asks for: see ``cli.values``."""


def program() -> None:
    """A process that is nothing but this program."""
    # Starting makes many objects and no garbage. The command looks for it again: see cli.command.
    gc.disable()
    if sys.argv[1:] == ["--version"] and _tells_version():
        _leave(0)
    from stepcli.cli.signals import Signals

    signals = Signals()
    signals.end_at_once()
    code = main(signals)
    signals.let_go()
    _leave(code)


def main(signals: Signals | None = None) -> int:
    """Run what the process was asked for; its exit code."""
    from stepcli.cli.io.terminal import prepare
    from stepcli.cli.signals import Signals

    signals = signals or Signals()
    prepare()
    if what := os.environ.get(COMPLETE):
        from stepcli.cli.completion.dynamic import print_candidates

        print_candidates(what, " ".join(sys.argv[1:]))
        return 0
    from stepcli.cli.main import main

    return main(sys.argv[1:], signals)


def _tells_version() -> bool:
    """Whether it could be written; if not, the long way round knows what to say."""
    from stepcli import __version__

    try:
        os.write(sys.stdout.fileno(), f"stepcli {__version__}\n".encode())
    except (OSError, AttributeError):  # the latter where there is no stdout at all
        return False
    return True


def _leave(code: int) -> None:
    """End the process as soon as nothing is left to do.

    Python would first take every module apart, which takes as long as many an answer. A thread that
    still runs is waited for in Python's own way, and what cannot be written is Python's to tell.
    """
    threading = sys.modules.get("threading")
    try:
        if threading is None or threading.active_count() == 1:
            atexit._run_exitfuncs()
            for stream in (sys.stdout, sys.stderr):
                if stream:
                    stream.flush()
            os._exit(code)
    except (OSError, ValueError):
        pass
    sys.exit(code)


if __name__ == "__main__":
    program()
