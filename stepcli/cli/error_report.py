"""Error reports on stderr: the sentence, the hint and the trace id, or a JSON object."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from stepcli.cli.io.terminal import Terminal
from stepcli.errors import INTERRUPTED, StepcliError
from stepcli.storage.os_errors import hint_for, reason


def report(error: Exception, terminal: Terminal, *, debug: bool = False) -> int:
    """Write ``error`` to stderr, as JSON if the terminal asks for it; return its exit code."""
    if debug:
        for line in "".join(traceback.format_exception(error)).splitlines():
            terminal.say(line)
    failure = error if isinstance(error, StepcliError) else _unexpected(error)
    if terminal.json:
        terminal.error_json({"error": describe(failure)})
    else:
        _say(terminal, f"stepcli: error: {failure.message}", failure.hint, failure.trace_id)
    return failure.exit_code


def report_interrupt(interrupt: KeyboardInterrupt, terminal: Terminal) -> int:
    """Write that a signal ended the run, with the notes of the exception as the hint."""
    code: int = getattr(interrupt, "exit_code", INTERRUPTED)
    message = "interrupted" if code == INTERRUPTED else "terminated"
    hint = "; ".join(getattr(interrupt, "__notes__", ())) or None
    if terminal.json:
        fields = {"type": "interrupted", "message": message, "hint": hint, "exit_code": code}
        terminal.error_json({"error": _NO_FIELDS | fields})
    else:
        _say(terminal, f"stepcli: {message}", hint)
    return code


def describe(failure: StepcliError) -> dict[str, Any]:
    """Return the error object that ``--json`` writes."""
    return {
        "type": failure.kind,
        "message": failure.message,
        "hint": failure.hint,
        "status": failure.status,
        "trace_id": failure.trace_id,
        "exit_code": failure.exit_code,
    }


_NO_FIELDS = dict.fromkeys(("type", "message", "hint", "status", "trace_id", "exit_code"))


def _unexpected(error: Exception) -> StepcliError:
    """Return an error for an exception that no module maps, such as that of a failed import."""
    if isinstance(error, OSError) and (hint := hint_for(error)):
        return StepcliError(f"the run cannot continue: {reason(error)}", hint=hint)
    return StepcliError(
        f"unexpected {type(error).__name__}: {error}",
        hint="this is a bug in stepcli; --debug shows where it happened",
    )


def _say(terminal: Terminal, sentence: str, hint: str | None, trace_id: str | None = None) -> None:
    terminal.say(sentence)
    if hint:
        terminal.say(f"hint: {hint}")
    if trace_id:
        terminal.say(f"trace id: {trace_id}")


@contextmanager
def hint_on_failure(describe: Callable[[], str | None]) -> Iterator[None]:
    """Add what `describe` returns to the hint if the block fails or is interrupted."""
    try:
        yield
    except (StepcliError, KeyboardInterrupt) as exc:
        add_hint(exc, describe())
        raise


def add_hint(exc: BaseException, where: str | None) -> None:
    """Add ``where`` something is kept to the hint of what ends the run."""
    if isinstance(exc, StepcliError):
        exc.add_hint(where)
    elif where:
        exc.add_note(where)
