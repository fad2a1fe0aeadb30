"""The audio inputs of a command line: files, stdin, URLs, raw samples."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from stepcli.api.file_url import DownloadLimits, FileURL
from stepcli.audio.channels import open_channels
from stepcli.audio.container import sniff
from stepcli.audio.excerpt import WHOLE, Excerpt
from stepcli.audio.open import open_track
from stepcli.audio.track import Track, not_audio_error, open_input
from stepcli.audio_types import PCM, is_text
from stepcli.cli.io.input_names import InputName
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import STDIN, stdin_blocks
from stepcli.errors import UsageError
from stepcli.storage.os_errors import output_errors
from stepcli.storage.temporary_files import TemporaryFile, new_temporary_file

if TYPE_CHECKING:
    from stepcli.api.retry import RequestLimit

_PCM = re.compile(r"(\d{4,6})(?::([1-8]))?")


Received = Callable[[int, int | None], None]
"""Gets the bytes received so far and their total, None if unknown."""
Fill = Callable[[BinaryIO, Received], None]
"""Writes the data of an input into a file."""


class LocalCopy:
    """A temporary file with the data of an input that is not a file, from `create` to `remove`."""

    def __init__(self, fill: Fill, *, is_remote: bool = False) -> None:
        self.is_remote = is_remote
        self._fill = fill
        self._file: TemporaryFile | None = None

    @property
    def path(self) -> Path | None:
        return self._file.path if self._file else None

    def create(self, received: Received) -> None:
        """Copy all data. Raises OutputError and what reading the input raises."""
        self._file = new_temporary_file()
        self._fill(self._file.file, received)
        with output_errors(self._file.path):
            self._file.file.flush()

    def remove(self) -> None:
        if self._file:
            self._file.remove()


def _ignore(_received: int, _total: int | None) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class InputSettings:
    """How inputs are read, and limits of downloads.

    `pcm` is the shape of raw samples, None for a file in a container. Only the `excerpt` is read.
    `speakers` are the names of the channels, empty for default names, None to mix them.
    """

    pcm: PCM | None = None
    excerpt: Excerpt = WHOLE
    limits: DownloadLimits | None = None
    speakers: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class AudioInput:
    """One input: its `name` as the user wrote it, and the `file` of its data.

    `stem` is that of `InputName`. An input that is not a file has a `copy`.
    """

    name: str
    stem: str
    file: Path
    settings: InputSettings
    terminal: Terminal
    copy: LocalCopy | None = None

    @property
    def is_stdin(self) -> bool:
        return self.name == STDIN

    @property
    def is_remote(self) -> bool:
        return self.copy is not None and self.copy.is_remote

    @property
    def label(self) -> str:
        """Return the name for messages."""
        return "stdin" if self.is_stdin else self.name

    @property
    def path(self) -> Path:
        return (self.copy and self.copy.path) or self.file

    def track(self, received: Received = _ignore) -> Track:
        """Return the excerpt of the audio; stdin or a URL is read to its end first.

        Raise UsageError if it is not audio, and what `LocalCopy.create` raises.
        """
        if self.copy:
            self.copy.create(received)
        settings = self.settings
        return open_track(self.path, self.label, settings.pcm, excerpt=settings.excerpt)

    def channels(self, received: Received = _ignore) -> dict[str, Track]:
        """Return the excerpt of each channel by the name of its speaker; raise as `track`."""
        if self.copy:
            self.copy.create(received)
        settings, names = self.settings, self.settings.speakers or ()
        return open_channels(self.path, self.label, names, settings.pcm, settings.excerpt)

    def release(self) -> None:
        """Remove the copy, which takes as much space as the input."""
        if self.copy:
            self.copy.remove()


@contextmanager
def audio_inputs(
    inputs: Sequence[InputName], settings: InputSettings, terminal: Terminal
) -> Iterator[list[AudioInput]]:
    """Yield the audio of `inputs`; stdin and URLs are copied to temporary files.

    Containers such as m4a are read from their end, and a piece may be sent again. Raises
    UsageError where stdin cannot be read.
    """
    names = [one.name for one in inputs]
    if names.count(STDIN) > 1:
        raise UsageError("- for stdin can be given only once")
    if STDIN in names and terminal.stdin_is_terminal:
        raise UsageError("stdin is a terminal", hint="give a FILE, or pipe audio into the command")
    from stepcli.api.retry import RequestLimit

    downloads = RequestLimit()
    opened = [_audio_input(one, settings, terminal, downloads) for one in inputs]
    try:
        yield opened
    finally:
        downloads.cancel()
        for one in opened:
            one.release()


def _audio_input(
    one: InputName, settings: InputSettings, terminal: Terminal, downloads: RequestLimit
) -> AudioInput:
    copy = None
    if one.url and settings.limits:
        copy = LocalCopy(partial(_download, one.url, settings, terminal, downloads), is_remote=True)
    elif one.name == STDIN:
        copy = LocalCopy(partial(_copy_stdin, terminal))
    elif _is_pipe(one.name):
        copy = LocalCopy(partial(_copy_pipe, one.name))
    return AudioInput(one.name, one.stem, Path(one.name), settings, terminal, copy)


def parse_pcm(text: str | None) -> PCM | None:
    """Return the value of `--pcm RATE[:CHANNELS]`. Raises UsageError."""
    if text is None:
        return None
    match = _PCM.fullmatch(text)
    if not match or not 4000 <= int(match[1]) <= 192000:
        raise UsageError(f"--pcm must be RATE[:CHANNELS], such as 16000 or 44100:2, not {text!r}")
    return PCM(int(match[1]), int(match[2] or 1))


def _copy_stdin(terminal: Terminal, file: BinaryIO, _received: Received) -> None:
    """Copy stdin to `file`. Raises OutputError or UsageError."""
    with output_errors(file.name):
        for block in stdin_blocks(terminal):
            file.write(block)


def _is_pipe(name: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(name).st_mode)  # noqa: PTH116 - Path drops what ends in "/."
    except (OSError, ValueError):
        return False


def _copy_pipe(name: str, file: BinaryIO, _received: Received) -> None:
    """Copy a named pipe to `file`. Raises OutputError or UsageError."""
    with open_input(Path(name)) as pipe, output_errors(file.name):
        shutil.copyfileobj(pipe, file)


def _download(
    url: FileURL,
    settings: InputSettings,
    terminal: Terminal,
    downloads: RequestLimit,
    file: BinaryIO,
    received: Received,
) -> None:
    """Download a sound file. Raises the errors of `download`, and UsageError for a web page."""
    from stepcli.api.download import DownloadEvents, download

    def check(head: bytes) -> None:
        if settings.pcm is None and sniff(head) is None and is_text(head):
            raise not_audio_error(str(url), hint=_PAGE_HINT.format(url))

    assert settings.limits
    events = DownloadEvents(received, check, terminal.info, downloads.wait)
    download(url, file, settings.limits, events)


_PAGE_HINT = "if it is a page with a player, yt-dlp extracts the sound: yt-dlp -x {}"
