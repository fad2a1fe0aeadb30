"""One run from arguments to exit code: signals, the command, and every way it can fail."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

from stepcli.cli.error_report import Telling, report, report_interrupt
from stepcli.cli.io.terminal import forget_stdout
from stepcli.cli.signals import Signals
from stepcli.errors import OutputError, StepcliError
from stepcli.storage.temporary_files import temporary_files


def main(arguments: Sequence[str], signals: Signals | None = None) -> int:
    """Run one command line; the exit code of cli.md's table."""
    signals = signals or Signals()
    telling = Telling.asked(arguments)
    temporary_files.open()
    try:
        return _guarded(arguments, signals, telling)
    except KeyboardInterrupt as exc:
        return report_interrupt(exc, as_json=telling.json)
    finally:
        signals.finish(temporary_files.remove_all)


def _guarded(arguments: Sequence[str], signals: Signals, telling: Telling) -> int:
    if not telling.debug:
        threading.excepthook = lambda _: None  # a library's: ours hand on what they meet
    try:
        signals.interrupt()
        return _run(arguments, telling)
    except BrokenPipeError:
        forget_stdout()
        return 0
    except StepcliError as exc:
        if isinstance(exc, OutputError):
            forget_stdout()
        return report(exc, as_json=telling.json, debug=telling.debug)
    except Exception as exc:  # noqa: BLE001 - the last resort: one sentence, never a bare traceback
        if signals.recent:  # which a library has taken for a failure of its own
            return report_interrupt(signals.interruption(), as_json=telling.json)
        return report(exc, as_json=telling.json, debug=telling.debug)


def _run(arguments: Sequence[str], telling: Telling) -> int:
    from stepcli.cli.app import run

    code = run(arguments, telling)
    sys.stdout.flush()
    return code
