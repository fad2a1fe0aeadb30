"""The prompt of ``stepcli stream``: Enter speaks a line, Ctrl-C silences it, Ctrl-D exits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from stepcli.cli.error_report import report
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import StepcliError, Terminated

PROMPT = "> "


def converse(terminal: Terminal, say: Callable[[str], None]) -> int:
    """Call ``say`` for each line and return the exit code of the first failure, or 0.

    An error is reported and the prompt returns. KeyboardInterrupt in ``say`` ends only that line;
    at an empty prompt it propagates.
    """
    terminal.note("Type a line to speak it. Ctrl-C stops it, Ctrl-D exits.")
    first_failure = 0
    while (line := _ask(terminal)) is not None:
        if line.strip():
            code = _attempt(terminal, say, line)
            first_failure = first_failure or code
    return first_failure


def _attempt(terminal: Terminal, say: Callable[[str], None], line: str) -> int:
    try:
        say(line)
    except Terminated:
        raise
    except KeyboardInterrupt:
        terminal.say("")
    except StepcliError as failure:
        return report(failure, terminal)
    return 0


def _ask(terminal: Terminal) -> str | None:
    """Return the next line; None at the end of input. Ctrl-C discards a line that is not empty."""
    while True:
        try:
            return _edited() if terminal.stdout_is_terminal else _plain(terminal)
        except EOFError:
            terminal.say("")
            return None
        except Terminated:
            raise
        except KeyboardInterrupt:
            terminal.say("")
            if not _typed():
                raise


def _edited() -> str:
    """Read a line with the key bindings of a shell, if readline is available."""
    with suppress(ImportError):
        import readline  # noqa: F401 - input() uses it
    return input(PROMPT)


def _plain(terminal: Terminal) -> str:
    terminal.stderr.write(PROMPT)
    terminal.stderr.flush()
    line = terminal.stdin.readline()
    if not line:
        raise EOFError
    return line


def _typed() -> str:
    """Return the text at the prompt, if known."""
    readline = sys.modules.get("readline")
    return str(readline.get_line_buffer()) if readline else ""
