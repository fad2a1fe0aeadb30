"""One run from arguments to exit code: signals, the command, and every way it can fail."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from stepcli.cli.failure import report, report_interrupt
from stepcli.cli.streams import prepare
from stepcli.errors import OutputError, StepcliError, Terminated


def main(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code of cli.md's table."""
    prepare()
    _terminate_like_ctrl_c()
    flags = _flags(arguments)
    try:
        return _run(arguments)
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except KeyboardInterrupt as exc:
        return report_interrupt(exc, as_json="--json" in flags)
    except StepcliError as exc:
        if isinstance(exc, OutputError):
            _forget_stdout()
        return report(exc, as_json="--json" in flags, debug="--debug" in flags)
    except Exception as exc:  # noqa: BLE001 - the last resort: one sentence, never a bare traceback
        return report(exc, as_json="--json" in flags, debug="--debug" in flags)


def _run(arguments: Sequence[str]) -> int:
    from stepcli.cli.app import run

    code = run(arguments)
    sys.stdout.flush()
    return code


def _flags(arguments: Sequence[str]) -> Sequence[str]:
    """What stands before ``--``: where a flag is looked for when parsing failed."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end]


def _terminate_like_ctrl_c() -> None:
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminated)


def _terminated(number: int, _frame: FrameType | None) -> None:
    raise Terminated(128 + number)


def _forget_stdout() -> None:
    """What cannot be written any more the interpreter is not to try again, and fail, at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
