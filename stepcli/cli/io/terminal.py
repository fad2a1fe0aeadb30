"""The standard streams of one run, and safe output to them."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import re
import select
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TextIO

from stepcli.cli.io.live_area import LiveArea
from stepcli.errors import OutputError
from stepcli.redaction import redact
from stepcli.storage.os_errors import os_errors_as

DECLINED = 1
"""The exit code of a run whose question the user did not answer with yes."""
_ERRORS = "stepcli"
"""The error handler for characters that the encoding of a stream lacks."""


def process_terminal() -> Terminal:
    """Return the standard streams of this process, which write the same bytes on every system.

    Call it before opening any file: a file would take the number of a stream that the caller has
    closed. A closed stdin is empty, a closed stderr discards, and a closed stdout fails when it is
    written, as it does for any program.

    Pipes are UTF-8 with plain line ends; left alone, a Windows pipe has the system's code page and
    CR LF. In a pipe, a byte of a file name that is not UTF-8 stays that byte; on a terminal, a
    character that it lacks becomes an escape sequence.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _stand_in(number))
    codecs.register_error(_ERRORS, _encode_anyway)
    for stream, errors in ((sys.stdout, _ERRORS), (sys.stderr, "backslashreplace")):
        if not isinstance(stream, io.TextIOWrapper) or stream.closed:
            continue
        if stream.isatty():
            stream.reconfigure(errors=errors)
            _enable_sequences(stream)
        else:
            stream.reconfigure(encoding="utf-8", errors=errors, newline="\n")
    return Terminal(sys.stdin, sys.stdout, sys.stderr)


def is_closed_pipe(error: OSError) -> bool:
    """Return whether the reader has closed the pipe, which Windows calls an invalid argument."""
    if isinstance(error, BrokenPipeError):
        return True
    return sys.platform == "win32" and error.errno == errno.EINVAL


def _enable_sequences(stream: io.TextIOWrapper) -> None:
    """Enable control sequences in a Windows console; Windows Terminal has them enabled."""
    if sys.platform != "win32":
        return
    import ctypes
    import msvcrt

    processed, virtual_terminal = 0x1, 0x4  # consoleapi.h: ENABLE_…_OUTPUT, ENABLE_…_PROCESSING
    with suppress(OSError):
        console = msvcrt.get_osfhandle(stream.fileno())
        mode = ctypes.c_ulong()
        if ctypes.windll.kernel32.GetConsoleMode(console, ctypes.byref(mode)):
            wanted = mode.value | processed | virtual_terminal
            ctypes.windll.kernel32.SetConsoleMode(console, wanted)


def _stand_in(number: int) -> io.TextIOWrapper:
    opened = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    os.set_inheritable(number, True)
    file = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
    assert isinstance(file, io.TextIOWrapper)
    return file


def _encode_anyway(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    if "\udc80" <= error.object[error.start] <= "\udcff":
        return codecs.lookup_error("surrogateescape")(error)
    return codecs.lookup_error("backslashreplace")(error)


_UNSAFE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
"""Control characters, line breaks, Unicode's Bidi_Control, and bytes that are not UTF-8.

`re` compiles it when it is used, because that takes 1 ms and most runs print nothing of the kind.
"""
_LAYOUT = "\n\t"


def escaped(text: str, *, lines: bool = False) -> str:
    """Return ``text`` redacted, with what a terminal would obey as escape sequences of Python.

    With ``lines``, line feeds and tabs stay.
    """
    kept = _LAYOUT if lines else ""
    text = redact(text)
    if text.isprintable():
        return text
    return re.sub(
        _UNSAFE, lambda match: match[0] if match[0] in kept else ascii(match[0])[1:-1], text
    )


def escaped_json(text: str, encoding: str | None) -> str:
    """Return ``text``, which is JSON, with the same characters as escape sequences of JSON.

    So is what ``encoding`` lacks. The text stands for the same value as before.
    """
    text = re.sub(_UNSAFE, lambda match: match[0] if match[0] == "\n" else _as_json(match[0]), text)
    try:
        text.encode(encoding or "ascii")
    except UnicodeError:
        text = re.sub(r"[^\x00-\x7f]", lambda match: _as_json(match[0]), text)
    return text


def _as_json(character: str) -> str:
    """Return the escape sequence, which JSON requires of few characters and json.dumps writes."""
    if character == "\x7f":
        return "\\u007f"
    return json.dumps(character)[1:-1]


@dataclass(slots=True)
class Terminal:
    """stdout is the result, stderr everything else; piping changes decoration only."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    area: LiveArea | None = None
    """The live lines on stderr, if it is a terminal."""

    def __post_init__(self) -> None:
        if self.area is None and self.stderr_is_terminal:
            self.area = LiveArea(self.stderr)

    @property
    def stdin_is_terminal(self) -> bool:
        return _is_terminal(self.stdin)

    @property
    def stdout_is_terminal(self) -> bool:
        return _is_terminal(self.stdout)

    @property
    def stderr_is_terminal(self) -> bool:
        return _is_terminal(self.stderr)

    @property
    def reports_files(self) -> bool:
        """Whether a message says that a file is complete: on a terminal, where nothing else is."""
        return self.stderr_is_terminal and not (self.json or self.quiet)

    def result(self, text: str) -> None:
        """Write a one-line result: a name, a value. In a pipe it is left as it is."""
        self._put(f"{escaped(text) if self.stdout_is_terminal else text}\n")

    def text(self, text: str) -> None:
        """Write a result of many lines: a transcript. In a pipe it is left as it is."""
        self._put(f"{escaped(text, lines=True) if self.stdout_is_terminal else text}\n")

    def row(self, text: str) -> None:
        """Write a line of a table or list, which is for reading in a pipe as well."""
        self._put(f"{escaped(text)}\n")

    def result_json(self, value: dict[str, Any]) -> None:
        """Write ``value`` as JSON on one line."""
        self.json_text(json.dumps(value, ensure_ascii=False))

    def json_text(self, text: str) -> None:
        """Write ``text``, which is JSON."""
        self._put(f"{escaped_json(text, self.stdout.encoding)}\n")

    def page(self, text: str) -> None:
        """Write text of our own, which may contain color."""
        self._put(f"{text}\n")

    def check_stdout(self) -> None:
        """Raise OutputError if stdout is closed, before the run costs anything."""
        try:
            number = self.stdout.fileno()
        except (OSError, ValueError):  # stdout is not a file
            return
        with self.writing():
            os.write(number, b"")

    def discard_stdout(self) -> None:
        """Redirect stdout to the null device, so that closing it does not fail a second time."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.stdout.fileno())
            os.close(null)

    def note(self, text: str) -> None:
        """Write a message to stderr, unless ``--quiet`` is set."""
        if not self.quiet:
            self.say(text)

    def info(self, text: str) -> None:
        """Write a message that begins with ``stepcli:``, unless ``--quiet`` is set."""
        self.note(f"stepcli: {text}")

    def warn(self, text: str) -> None:
        """Write a warning, unless ``--quiet`` is set."""
        self.info(f"warning: {text}")

    def detail(self, text: str) -> None:
        """Write a message to stderr if ``--verbose`` is set."""
        if self.verbose:
            self.say(text)

    def say(self, text: str) -> None:
        """Write one line to stderr, even with ``--quiet``. A closed stderr is not an error."""
        self._message(f"{escaped(text)}\n")

    def error_json(self, value: dict[str, Any]) -> None:
        """Write ``value`` as JSON on one line of stderr."""
        text = json.dumps(value, ensure_ascii=False)
        self._message(f"{escaped_json(text, self.stderr.encoding)}\n")

    def live(self, *lines: str, faint: int = 0) -> None:
        """Show lines on a terminal that the next ones replace; none remove them.

        The last `faint` characters are faint.
        """
        if self.area and not self.quiet:
            self.area.show([escaped(line) for line in lines], faint)

    def step_back(self) -> None:
        """Move the cursor back to a ``live`` line after Enter."""
        if self.stderr_is_terminal and not self.quiet:
            self.stderr.write("\x1b[A")

    def check_reader(self) -> None:
        """Raise BrokenPipeError if the reader of stdout is gone, if the system reports it."""
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
        """Print ``question`` to stderr and return the answer; empty at the end of input."""
        self._message(escaped(question))
        answer = ""
        try:
            answer = self.stdin.readline()
        finally:
            if not answer.endswith("\n"):
                self._message("\n")
        return answer.strip()

    def confirm(self, question: str) -> bool:
        """Ask `question` and return whether the answer is yes."""
        return self.ask(f"{question} [y/N] ").lower() in ("y", "yes")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Convert failures of stdout to OutputError or BrokenPipeError."""
        with os_errors_as(OutputError, "cannot write to stdout"):
            try:
                yield
            except OSError as exc:
                if is_closed_pipe(exc):
                    raise BrokenPipeError from exc
                raise

    def _put(self, text: str) -> None:
        with self.writing():
            self._above_live_lines(self.stdout, text)

    def _message(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._above_live_lines(self.stderr, text)

    def _above_live_lines(self, stream: TextIO, text: str) -> None:
        def write() -> None:
            stream.write(redact(text))
            stream.flush()

        if self.area and _is_terminal(stream):
            self.area.above(write)
        else:
            write()


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def is_colored(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether ``stream`` gets color: a terminal that supports it, unless users decide."""
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or (
        _is_terminal(stream) and environ.get("TERM") != "dumb"
    )
