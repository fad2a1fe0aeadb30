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
    return decode_all(b"".join(stdin_blocks(terminal)), STDIN_NAME)


def _read_file(path: Path) -> str:
    if _URL.match(str(path)):
        url = str(path).replace(":/", "://", 1)  # Path joins slashes
        raise UsageError(f"{url} is a URL, not a file", hint="pipe what curl -L gets from it")
    with os_errors_as(UsageError, f"cannot read {path}"):
        data = path.read_bytes()
    try:
        return decode_all(data, str(path))
    except UsageError:
        from stepcli.audio.container import HEAD_BYTES, sniff

        if sniff(data[:HEAD_BYTES]) is None:
            raise
        raise UsageError(
            f"{path} is a sound file, not text",
            hint=f"to transcribe it: stepcli transcribe {shlex.quote(str(path))}",
        ) from None


def note_file_names(words: Sequence[str], terminal: Terminal) -> None:
    """Say that TEXT which is the name of a file is spoken itself, and what speaks the contents."""
    if len(words) == 1 and os.path.isfile(words[0]):  # noqa: PTH113 - takes any text
        from stepcli.audio.container import is_sound_file

        command = "stepcli transcribe" if is_sound_file(Path(words[0])) else "stepcli speak -f"
        terminal.info(
            f"speaking the name of a file; to use its contents: {command} {shlex.quote(words[0])}"
        )


def _decode_argument(text: str) -> str:
    """Return the text of an argument, which Python leaves undecoded in a locale such as C."""
    data = text.encode(errors="surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise UsageError(f"the text is not UTF-8 at offset {exc.start}") from None
