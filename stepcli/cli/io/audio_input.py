"""The audio inputs of a command line: files, stdin, raw samples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stepcli.audio.excerpt import WHOLE, Excerpt
from stepcli.audio.open import open_track
from stepcli.audio.track import Track
from stepcli.audio_types import PCM
from stepcli.cli.io.input_names import InputName
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import STDIN, stdin_blocks
from stepcli.errors import UsageError
from stepcli.storage.os_errors import output_errors
from stepcli.storage.temporary_files import temporary_file

_PCM = re.compile(r"(\d{4,6})(?::([1-8]))?")


@dataclass(frozen=True, slots=True)
class AudioInput:
    """One input: its `name` as the user wrote it, and the `path` of its data.

    `stem` is that of `InputName`. `pcm` is the shape of raw samples, None for a file in a
    container. Only the `excerpt` is read.
    """

    name: str
    stem: str
    path: Path
    pcm: PCM | None
    terminal: Terminal
    excerpt: Excerpt = WHOLE

    @property
    def is_stdin(self) -> bool:
        return self.name == STDIN

    @property
    def label(self) -> str:
        """Return the name for messages."""
        return "stdin" if self.is_stdin else self.name

    def track(self) -> Track:
        """Return the excerpt of the audio; stdin is read to its end first.

        Raise UsageError if it is not audio.
        """
        if self.is_stdin:
            _copy_stdin(self.terminal, self.path)
        return open_track(self.path, self.label, self.pcm, excerpt=self.excerpt)


@contextmanager
def audio_inputs(
    inputs: Sequence[InputName], pcm: PCM | None, terminal: Terminal, excerpt: Excerpt = WHOLE
) -> Iterator[list[AudioInput]]:
    """Yield the audio of `inputs`; `-` is stdin, which is copied to a temporary file.

    Containers such as m4a are read from their end, and a piece may be sent again. Raises
    UsageError where stdin cannot be read.
    """
    names = [one.name for one in inputs]
    if names.count(STDIN) > 1:
        raise UsageError("- for stdin can be given only once")
    if STDIN in names and terminal.stdin_is_terminal:
        raise UsageError("stdin is a terminal", hint="give a FILE, or pipe audio into the command")
    with ExitStack() as stack:
        stdin = stack.enter_context(temporary_file()).path if STDIN in names else None
        yield [
            AudioInput(
                one.name,
                one.stem,
                stdin if stdin and one.name == STDIN else Path(one.name),
                pcm,
                terminal,
                excerpt,
            )
            for one in inputs
        ]


def parse_pcm(text: str | None) -> PCM | None:
    """Return the value of `--pcm RATE[:CHANNELS]`. Raises UsageError."""
    if text is None:
        return None
    match = _PCM.fullmatch(text)
    if not match or not 4000 <= int(match[1]) <= 192000:
        raise UsageError(f"--pcm must be RATE[:CHANNELS], such as 16000 or 44100:2, not {text!r}")
    return PCM(int(match[1]), int(match[2] or 1))


def _copy_stdin(terminal: Terminal, path: Path) -> None:
    """Copy stdin to the file `path`. Raises OutputError or UsageError."""
    with output_errors(path), path.open("r+b") as file:
        for block in stdin_blocks(terminal):
            file.write(block)
