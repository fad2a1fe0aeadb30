"""The sounds that a command line names: files, stdin, raw samples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stepcli.audio.open import open_track
from stepcli.audio.track import BLOCK, Track
from stepcli.audio_types import PCM
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import UsageError
from stepcli.storage.os_errors import output_errors
from stepcli.storage.temporary_files import temporary_file

STDIN = "-"
_RAW = re.compile(r"(\d{4,6})(?::([1-8]))?")


@dataclass(frozen=True, slots=True)
class SoundIn:
    """One input. ``name`` is as the user wrote it, ``stem`` what a file made of it is called."""

    name: str
    path: Path
    raw: PCM | None
    terminal: Terminal

    @property
    def is_stdin(self) -> bool:
        return self.name == STDIN

    @property
    def label(self) -> str:
        """What people call it."""
        return "stdin" if self.is_stdin else self.name

    @property
    def stem(self) -> str:
        return "stdin" if self.is_stdin else Path(self.name).stem

    def track(self) -> Track:
        """The sound. Raises UsageError for what is none; stdin is read to its end first."""
        if self.is_stdin:
            _spool(self.terminal, self.path)
        return open_track(self.path, self.label, self.raw)


@contextmanager
def sounds_in(names: Sequence[str], raw: PCM | None, terminal: Terminal) -> Iterator[list[SoundIn]]:
    """The inputs called ``names``; what comes from stdin is kept in a temporary file meanwhile.

    Containers such as m4a can only be read with their end at hand, and a piece may be sent twice.
    """
    if not names:
        raise UsageError("no sound named", hint="stepcli transcribe FILE, or - for stdin")
    if list(names).count(STDIN) > 1:
        raise UsageError("- is named twice, but there is only one stdin")
    if STDIN in names and terminal.stdin_is_terminal:
        raise UsageError("stdin is a terminal", hint="name a FILE, or pipe sound in")
    with ExitStack() as stack:
        spool = stack.enter_context(_spool_file()) if STDIN in names else None
        yield [
            SoundIn(name, spool if spool and name == STDIN else Path(name), raw, terminal)
            for name in names
        ]


@contextmanager
def _spool_file() -> Iterator[Path]:
    """Yield a private temporary file for the data from stdin. Raises OutputError."""
    with temporary_file() as file:
        yield file.path


def raw_shape(text: str | None) -> PCM | None:
    """What ``--pcm RATE[:CHANNELS]`` says."""
    if text is None:
        return None
    found = _RAW.fullmatch(text)
    if not found or not 4000 <= int(found[1]) <= 192000:
        raise UsageError(f"--pcm takes RATE[:CHANNELS] such as 16000 or 44100:2, not {text!r}")
    return PCM(int(found[1]), int(found[2] or 1))


def _spool(terminal: Terminal, path: Path) -> None:
    """Copy stdin to the file `path`. Raises OutputError or UsageError."""
    with output_errors(path), path.open("r+b") as file:
        for block in _stdin_blocks(terminal):
            file.write(block)


def _stdin_blocks(terminal: Terminal) -> Iterator[bytes]:
    if terminal.stdin is None or terminal.stdin.closed:
        return
    try:
        while block := terminal.stdin.buffer.read(BLOCK):
            yield block
    except OSError as exc:
        raise UsageError(f"cannot read stdin: {exc.strerror}") from None
