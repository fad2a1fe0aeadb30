"""One run from arguments to exit code: signals, the command, and every way it can fail."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

from stepcli.cli import leftovers
from stepcli.cli.failure import report, report_interrupt
from stepcli.cli.signals import Signals
from stepcli.cli.streams import forget_stdout
from stepcli.errors import OutputError, StepcliError


def main(arguments: Sequence[str], signals: Signals | None = None) -> int:
    """Run one command line; the exit code of cli.md's table."""
    signals = signals or Signals()
    try:
        return _guarded(arguments, signals)
    except KeyboardInterrupt as exc:
        return _interrupted(exc, arguments)
    finally:
        signals.finish(leftovers.remove_all)


def _guarded(arguments: Sequence[str], signals: Signals) -> int:
    flags = _flags(arguments)
    if "--debug" not in flags:
        threading.excepthook = lambda _: None  # a library's: ours hand on what they meet
    try:
        signals.interrupt()
        return _run(arguments)
    except BrokenPipeError:
        forget_stdout()
        return 0
    except StepcliError as exc:
        if isinstance(exc, OutputError):
            forget_stdout()
        return report(exc, as_json="--json" in flags, debug="--debug" in flags)
    except Exception as exc:  # noqa: BLE001 - the last resort: one sentence, never a bare traceback
        if signals.recent:  # which a library has taken for a failure of its own
            return _interrupted(signals.interruption(), arguments)
        return report(exc, as_json="--json" in flags, debug="--debug" in flags)


def _interrupted(interrupt: KeyboardInterrupt, arguments: Sequence[str]) -> int:
    return report_interrupt(interrupt, as_json="--json" in _flags(arguments))


def _run(arguments: Sequence[str]) -> int:
    from stepcli.cli.app import run

    code = run(arguments)
    sys.stdout.flush()
    return code


def _flags(arguments: Sequence[str]) -> Sequence[str]:
    """What stands before ``--``: where a flag is looked for when parsing failed."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end]
