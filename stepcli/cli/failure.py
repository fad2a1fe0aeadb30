"""The one place that turns a failure into its sentence, its hint and its exit code."""

from __future__ import annotations

import sys
import traceback
from contextlib import suppress
from typing import Any

from stepcli.cli.terminal import Terminal, json_for
from stepcli.errors import INTERRUPTED, StepcliError


def report(error: Exception, *, as_json: bool, debug: bool) -> int:
    """Tell the user about ``error`` on stderr; returns the exit code."""
    if debug:
        Terminal().say("".join(traceback.format_exception(error)).rstrip())
    failure = error if isinstance(error, StepcliError) else _unexpected(error)
    if as_json:
        _print_json(describe(failure))
    else:
        _print_lines(failure)
    return failure.exit_code


def report_interrupt(interrupt: KeyboardInterrupt, *, as_json: bool) -> int:
    """Ctrl-C and SIGTERM: nothing to explain, but a script may want to know."""
    code: int = getattr(interrupt, "exit_code", INTERRUPTED)
    message = "interrupted" if code == INTERRUPTED else "terminated"
    if as_json:
        _print_json({**_FIELDS, "type": "interrupted", "message": message, "exit_code": code})
    else:
        Terminal().say(f"stepcli: {message}")
    return code


def describe(failure: StepcliError) -> dict[str, Any]:
    """The error object of ``--json`` (cli.md, "Options on every command")."""
    return {
        "type": failure.kind,
        "message": failure.message,
        "hint": failure.hint,
        "status": failure.status,
        "trace_id": failure.trace_id,
        "exit_code": failure.exit_code,
    }


_FIELDS = dict.fromkeys(("type", "message", "hint", "status", "trace_id", "exit_code"))


def _unexpected(error: Exception) -> StepcliError:
    return StepcliError(
        f"unexpected {type(error).__name__}: {error}",
        hint="this is a fault in stepcli; --debug shows where it happened",
    )


def _print_lines(failure: StepcliError) -> None:
    terminal = Terminal()
    terminal.say(_line(f"stepcli: error: {failure.message}"))
    if failure.hint:
        terminal.say(_line(f"hint: {failure.hint}"))
    if failure.trace_id:
        terminal.say(_line(f"trace id: {failure.trace_id}"))


def _line(text: str) -> str:
    """One line, so that nobody else's text can pass for a line of ours."""
    return text.replace("\n", "\\n")


def _print_json(value: dict[str, Any]) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(json_for(sys.stderr, {"error": value}) + "\n")
        sys.stderr.flush()
