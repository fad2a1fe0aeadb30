"""The text to speak: arguments, a file or stdin, and how much of it is not spoken."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.api.catalog import SPEECH_LIMITS
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import UsageError
from stepcli.storage.os_errors import os_errors_as
from stepcli.text.utf8 import STDIN_NAME, decode_all

if TYPE_CHECKING:
    from stepcli.text.preparation import Preparation

STDIN = "-"
_BLOCK_SIZE = 1 << 18
_URL = re.compile(r"https?:/", re.IGNORECASE)
"""The beginning of a URL, of which a path has one slash."""
_COMMENT = re.compile(r"(^|\s)#.*")


def text_file(words: Sequence[str], file: Path | None, given: frozenset[str]) -> Path | None:
    """Return ``file``, unless it is only a default and there are ``words``."""
    return None if words and "file" not in given else file


def read_text(words: Sequence[str], file: Path | None, terminal: Terminal) -> str:
    """Return the selected text. Raise UsageError if it is missing, blank or not UTF-8."""
    text = _read(words, file, terminal)
    if not text.strip():
        raise UsageError("the text is blank")
    return text


def listed_values(path: Path) -> list[str]:
    """Return the lines of a file without blank lines and comments.

    A comment begins with ``#`` at the beginning of a line or after a space. Raise UsageError if the
    file cannot be read or is not UTF-8.
    """
    lines = (_COMMENT.sub("", line).strip() for line in _read_file(path).splitlines())
    return [line for line in lines if line]


def directions_in(text: str, model: str, preparation: Preparation) -> int:
    """Return the number of passages in `text` that `model` follows and does not speak.

    Raise UsageError if the text has nothing else. Nothing is known about a model without limits.
    """
    from stepcli.text.preparation import count_directions

    return count_directions(text) if follows_directions(model, preparation) else 0


def follows_directions(model: str, preparation: Preparation) -> bool:
    """Return whether `model` is known not to speak the parentheses that `preparation` leaves."""
    limits = SPEECH_LIMITS.get(model)
    return limits is not None and limits.stage_directions and not preparation.literal


def note_directions(terminal: Terminal, count: int) -> None:
    """Say that `count` passages in parentheses are not spoken, and what speaks them."""
    if count == 1:
        terminal.info("1 passage in ( ) will not be spoken; --literal speaks it")
    elif count:
        terminal.info(f"{count:,} passages in ( ) will not be spoken; --literal speaks them")


def stdin_blocks(terminal: Terminal) -> Iterator[bytes]:
    """Yield data from stdin as soon as it arrives; nothing where stdin is closed.

    Nothing is buffered: a thread that waits in a buffered read keeps the interpreter from ending.
    Raises UsageError.
    """
    if terminal.stdin is None or terminal.stdin.closed:
        return
    while True:
        with os_errors_as(UsageError, "cannot read stdin"):
            block = os.read(terminal.stdin.fileno(), _BLOCK_SIZE)
        if not block:
            return
        yield block


def _read(words: Sequence[str], file: Path | None, terminal: Terminal) -> str:
    if words and file:
        raise UsageError("TEXT and -f FILE cannot be combined")
    if file and str(file) != STDIN:
        return _read_file(file)
    if words and list(words) != [STDIN]:
        return _decode_argument(" ".join(words))
    if not words and not file and terminal.stdin_is_terminal:
        raise UsageError("no text given", hint="give TEXT or -f FILE, or pipe text in")
    return _text_of(b"".join(stdin_blocks(terminal)), STDIN_NAME, STDIN)


def _read_file(path: Path) -> str:
    refuse_url(path)
    with os_errors_as(UsageError, f"cannot read {path}"):
        data = path.read_bytes()
    return _text_of(data, str(path), str(path))


def refuse_url(path: Path) -> None:
    """Raise UsageError if ``path`` is a URL, where only files are read."""
    if _URL.match(str(path)):
        url = str(path).replace(":/", "://", 1)  # Path joins slashes
        raise UsageError(f"{url} is a URL, not a file", hint="download it first: curl -LO URL")


def _text_of(data: bytes, name: str, input: str) -> str:
    """Return the text of ``data``, which transcribe knows as ``input``.

    Raise UsageError if it is not text.
    """
    try:
        return decode_all(data, name)
    except UsageError:
        from stepcli.audio.container import HEAD_BYTES, sniff

        if sniff(data[:HEAD_BYTES]) is None:
            raise
        what = "sound" if input == STDIN else "a sound file"
        raise UsageError(
            f"{name} is {what}, not text",
            hint=f"to transcribe it: stepcli transcribe {shlex.quote(input)}",
        ) from None


def note_names(words: Sequence[str], terminal: Terminal) -> None:
    """Say that TEXT which is a file or a URL is spoken itself, and what speaks the contents."""
    if len(words) != 1:
        return
    if command := command_for_file(words[0]):
        terminal.info(f"speaking the name of a file; to use its contents: {command}")
    elif _URL.match(words[0]):
        terminal.info(
            "speaking the URL itself; to speak a text that is there: "
            f"curl -L {shlex.quote(words[0])} | stepcli speak"
        )


def command_for_file(name: str) -> str | None:
    """Return the command that speaks or transcribes the file ``name``; None if there is none."""
    if not os.path.isfile(name):  # noqa: PTH113 - takes any text
        return None
    from stepcli.audio.container import is_sound_file

    command = "stepcli transcribe" if is_sound_file(Path(name)) else "stepcli speak -f"
    return f"{command} {shlex.quote(name)}"


def _decode_argument(text: str) -> str:
    """Return the text of an argument, which Python leaves undecoded in a locale such as C."""
    data = text.encode(errors="surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise UsageError(f"the text is not UTF-8 at offset {exc.start}") from None
