"""The one place that turns a failure into its sentence, its hint and its exit code."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stepcli.cli.io.terminal import Terminal
from stepcli.errors import INTERRUPTED, StepcliError


@dataclass(slots=True)
class Telling:
    """How this run's failures are told: by what stands in its arguments, until they are parsed."""

    json: bool
    debug: bool

    @classmethod
    def asked(cls, arguments: Sequence[str]) -> Telling:
        """By ``arguments`` as far as ``--``."""
        end = arguments.index("--") if "--" in arguments else len(arguments)
        return cls("--json" in arguments[:end], "--debug" in arguments[:end])


def report(error: Exception, *, as_json: bool, debug: bool) -> int:
    """Tell the user about ``error`` on stderr; returns the exit code."""
    if debug:
        for line in "".join(traceback.format_exception(error)).splitlines():
            Terminal().say(line)
    failure = error if isinstance(error, StepcliError) else _unexpected(error)
    if as_json:
        Terminal().error_json({"error": describe(failure)})
    else:
        _print_lines(failure)
    return failure.exit_code


def report_interrupt(interrupt: KeyboardInterrupt, *, as_json: bool) -> int:
    """Ctrl-C and SIGTERM: nothing to explain but what is kept, which the exception's notes tell."""
    code: int = getattr(interrupt, "exit_code", INTERRUPTED)
    message = "interrupted" if code == INTERRUPTED else "terminated"
    hint = "; ".join(getattr(interrupt, "__notes__", ())) or None
    if as_json:
        told = {"type": "interrupted", "message": message, "hint": hint, "exit_code": code}
        Terminal().error_json({"error": _FIELDS | told})
    else:
        _say(f"stepcli: {message}", hint)
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
    _say(f"stepcli: error: {failure.message}", failure.hint, failure.trace_id)


def _say(sentence: str, hint: str | None, trace_id: str | None = None) -> None:
    terminal = Terminal()
    terminal.say(sentence)
    if hint:
        terminal.say(f"hint: {hint}")
    if trace_id:
        terminal.say(f"trace id: {trace_id}")


@contextmanager
def kept_told(whereabouts: Callable[[], str | None]) -> Iterator[None]:
    """If this fails or is interrupted, the hint has the ``whereabouts``."""
    try:
        yield
    except (StepcliError, KeyboardInterrupt) as exc:
        add_hint(exc, whereabouts())
        raise


def add_hint(exc: BaseException, where: str | None) -> None:
    """What ends a run tells ``where`` something is kept of it."""
    if isinstance(exc, StepcliError):
        exc.add_hint(where)
    elif where:
        exc.add_note(where)
