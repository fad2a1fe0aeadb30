"""The text to speak: arguments, a file or stdin (cli.md, "Text in")."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stepcli.cli.io.terminal import Terminal
from stepcli.errors import UsageError

STDIN = "-"


def text_file(words: Sequence[str], file: Path | None, given: frozenset[str]) -> Path | None:
    """``file``, unless it is only a default and there are ``words``."""
    return None if words and "file" not in given else file


def read_text(words: Sequence[str], file: Path | None, terminal: Terminal) -> str:
    """The text that the user named. Raises UsageError for none, blank, two sources, not UTF-8."""
    text = _read(words, file, terminal)
    if not text.strip():
        raise UsageError("there is nothing to speak: the text is blank")
    return text


def _read(words: Sequence[str], file: Path | None, terminal: Terminal) -> str:
    if words and file:
        raise UsageError("give TEXT or -f FILE, not both")
    if file and str(file) != STDIN:
        return _read_file(file)
    if words and list(words) != [STDIN]:
        return _argument(" ".join(words))
    if not words and not file and terminal.stdin_is_terminal:
        raise UsageError("no text given", hint='stepcli speak "some words", or -f FILE, or a pipe')
    return _decoded(_read_stdin(terminal), "stdin")


def _read_stdin(terminal: Terminal) -> bytes:
    if terminal.stdin is None or terminal.stdin.closed:
        return b""
    try:
        return terminal.stdin.buffer.read()
    except OSError as exc:
        raise UsageError(f"cannot read stdin: {exc.strerror}") from None


def _read_file(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}") from None
    return _decoded(data, str(path))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        place = exc.start + len(data) - len(exc.object)  # it counts from behind a BOM
        raise UsageError(
            f"{name} is not UTF-8: byte 0x{data[place]:02x} at offset {place}",
            hint="convert it first, for example with iconv -t UTF-8",
        ) from None


def _argument(text: str) -> str:
    """In a locale that knows no more than ASCII, Python leaves the rest as bytes."""
    data = text.encode(errors="surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise UsageError(f"the text is not UTF-8 at offset {exc.start}") from None
