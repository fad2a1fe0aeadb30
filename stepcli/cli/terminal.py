"""The streams of one run, and what may be written to which."""

from __future__ import annotations

import json
import os
import re
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

from stepcli.cli.streams import is_closed_pipe
from stepcli.errors import OutputError

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """``text`` with control and bidirectional-override characters shown, not obeyed."""
    return _CONTROL.sub(lambda match: ascii(match[0])[1:-1], text)


@dataclass(slots=True)
class Terminal:
    """stdout is the result, stderr everything else; piping changes decoration only."""

    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    json: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def stdin_is_terminal(self) -> bool:
        return _is_terminal(self.stdin)

    @property
    def stdout_is_terminal(self) -> bool:
        return _is_terminal(self.stdout)

    @property
    def stderr_is_terminal(self) -> bool:
        return _is_terminal(self.stderr)

    def result(self, text: str) -> None:
        """A line (or lines) of the result, escaped where a terminal would obey it."""
        self._put(f"{escaped(text) if self.stdout_is_terminal else text}\n")

    def result_json(self, value: dict[str, Any]) -> None:
        self._put(json_for(self.stdout, value) + "\n")

    def page(self, text: str) -> None:
        """Something of our own, which may be coloured."""
        self._put(f"{text}\n")

    def check_stdout(self) -> None:
        """Raises OutputError for a stdout that is closed, before anything is spent on a result."""
        try:
            number = self.stdout.fileno()
        except (OSError, ValueError):  # a stdout that is no file
            return
        with self.writing():
            os.write(number, b"")

    def note(self, text: str) -> None:
        """Something worth knowing that is not the result. Silent with ``--quiet``."""
        if not self.quiet:
            self.say(text)

    def detail(self, text: str) -> None:
        """Something for ``--verbose`` only."""
        if self.verbose:
            self.say(text)

    def say(self, text: str) -> None:
        """A line on stderr, whatever the flags. A closed stderr is nobody listening."""
        with suppress(OSError, ValueError):
            self.stderr.write(f"{escaped(text)}\n")
            self.stderr.flush()

    def live(self, text: str) -> None:
        """A line on a terminal's stderr that the next one replaces; empty to take it away."""
        if self.stderr_is_terminal and not self.quiet:
            with suppress(OSError, ValueError):
                self.stderr.write(f"\r\x1b[K{escaped(text)}")
                self.stderr.flush()

    def step_back(self) -> None:
        """Enter was typed at a ``live`` line: go back to it."""
        if self.stderr_is_terminal and not self.quiet:
            self.stderr.write("\x1b[A")

    def check_reader(self) -> None:
        """Raises BrokenPipeError where whoever read stdout is gone, as far as the system tells."""
        if not hasattr(select, "poll"):
            return
        gone = select.poll()
        try:
            gone.register(self.stdout.fileno(), 0)
        except (OSError, ValueError):  # closed, or no file
            return
        if gone.poll(0):
            raise BrokenPipeError

    def ask(self, question: str) -> str:
        """The line that is typed after ``question``, which goes to stderr; empty at the end."""
        with suppress(OSError, ValueError):
            self.stderr.write(escaped(question))
            self.stderr.flush()
        return self.stdin.readline().strip()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Something is written to stdout, whose failures are OutputError or BrokenPipeError."""
        try:
            yield
        except OSError as exc:
            if is_closed_pipe(exc):
                raise BrokenPipeError from exc
            raise OutputError(f"cannot write to stdout: {exc.strerror}") from exc

    def _put(self, text: str) -> None:
        with self.writing():
            self.stdout.write(text)
            self.stdout.flush()


def json_for(stream: TextIO, value: Any) -> str:
    """``value`` in readable JSON, escaped where it has what ``stream`` cannot encode or a terminal
    would obey."""
    text = json.dumps(value, ensure_ascii=False)
    text = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    try:
        text.encode(stream.encoding)
    except UnicodeError:
        return json.dumps(value)
    return text


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
