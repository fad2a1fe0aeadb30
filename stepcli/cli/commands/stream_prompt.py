"""The prompt of ``stepcli stream``: Enter speaks a line, Ctrl-C stops it, Ctrl-D exits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

from stepcli.cli.error_report import report
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import StepcliError, Terminated

PROMPT = "> "


def converse(terminal: Terminal, say: Callable[[str], None]) -> int:
    """Call ``say`` for each line and return the exit code of the first failure, or 0.

    An error is reported and the prompt returns. KeyboardInterrupt ends a line that is spoken or
    typed, and nothing else.
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
        with _without_echo(terminal) if terminal.stdout_is_terminal else nullcontext():
            say(line)
    except Terminated:
        raise
    except KeyboardInterrupt:
        terminal.say("")
    except StepcliError as failure:
        return report(failure, terminal)
    return 0


def _ask(terminal: Terminal) -> str | None:
    """Return the next line; None at the end of input. Ctrl-C discards what was typed."""
    while True:
        try:
            return _edited() if terminal.stdout_is_terminal else _plain(terminal)
        except EOFError:
            terminal.say("")
            return None
        except Terminated:
            raise
        except KeyboardInterrupt:
            terminal.say("(Ctrl-D exits)")


@contextmanager
def _without_echo(terminal: Terminal) -> Iterator[None]:
    """Do not show keys that are pressed during the block: the next prompt shows them."""
    if sys.platform == "win32":
        yield
        return
    import termios

    try:
        number = terminal.stdin.fileno()
        before = termios.tcgetattr(number)
    except (OSError, ValueError, termios.error):
        yield
        return
    silent = [*before]
    silent[3] = before[3] & ~termios.ECHO
    termios.tcsetattr(number, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


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
