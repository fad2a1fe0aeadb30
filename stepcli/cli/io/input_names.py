"""The inputs that a command line names: files, URLs, stdin, directories, and lists of names."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from stepcli.api.file_url import FileURL
from stepcli.audio.container import is_sound_file
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import STDIN, refuse_url, stdin_blocks
from stepcli.errors import UsageError
from stepcli.storage.os_errors import os_errors_as


@dataclass(frozen=True, slots=True)
class InputName:
    """An input as the user or a directory names it; `url` is set if it has to be downloaded.

    `stem` names the file that is made of it: a path relative to the output directory, without an
    extension.
    """

    name: str
    stem: str
    url: FileURL | None = None

    @classmethod
    def of(cls, name: str) -> InputName:
        """Return an input that the user names: its file is named like it, without directories.

        Raise UsageError for a URL that is neither http nor https.
        """
        if url := FileURL.parse(name):
            return cls(str(url), PurePath(url.file_name).stem, url)
        return cls(name, "stdin" if name == STDIN else PurePath(name).stem)


def input_names(
    words: Sequence[str], files_from: str | None, terminal: Terminal, *, recursive: bool = False
) -> list[InputName]:
    """Return the inputs that `words` and the list `files_from` name, directories expanded.

    The sound files of a directory are in the order of their names; the files of its
    sub-directories follow if `recursive`. Without names, stdin is the input if
    data can come from it. A directory that cannot be read is an input itself. Raise UsageError if a
    list cannot be read, or if there is no input.
    """
    if files_from == STDIN and STDIN in words:
        raise UsageError("stdin cannot be both an input and the list of --files-from")
    names = [*words, *(_listed(files_from, terminal) if files_from else ())]
    if not names and not files_from and _has_data(terminal):
        names = [STDIN]
    if not names:
        message = f"{files_from} names no input" if files_from else "no input given"
        raise UsageError(message, hint="stepcli transcribe FILE, or - for stdin")
    search = _Search(recursive)
    found = [one for name in names for one in search.inputs(name)]
    if (count := search.passed_over) and terminal.verbose:
        what = "1 file that is" if count == 1 else f"{count} files that are"
        terminal.info(f"passed over {what} not audio or video")
    if not found:
        hint = None if recursive else "--recursive looks into sub-directories"
        raise UsageError(f"no audio or video file in {', '.join(names)}", hint=hint)
    return found


def _has_data(terminal: Terminal) -> bool:
    """Return whether stdin is a pipe, a socket or a file that is not empty."""
    try:
        status = os.fstat(terminal.stdin.fileno()) if terminal.stdin else None
    except (OSError, ValueError):
        return False
    if status is None:
        return False
    return (
        stat.S_ISFIFO(status.st_mode)
        or stat.S_ISSOCK(status.st_mode)
        or (stat.S_ISREG(status.st_mode) and status.st_size > 0)
    )


def _listed(source: str, terminal: Terminal) -> list[str]:
    """Return the names in a file or in stdin, separated by NUL if there is one, else by lines."""
    if source == STDIN:
        if terminal.stdin_is_terminal:
            raise UsageError("stdin is a terminal", hint="pipe a list of names into the command")
        data = b"".join(stdin_blocks(terminal))
    else:
        refuse_url(Path(source))
        with os_errors_as(UsageError, f"cannot read {source}"):
            data = Path(source).read_bytes()
    names = data.split(b"\0") if b"\0" in data else data.removeprefix(b"\xef\xbb\xbf").splitlines()
    return [os.fsdecode(name) for name in names if name.strip()]


@dataclass(slots=True)
class _Search:
    """Finds the sound files in directories, and counts the other files."""

    recursive: bool
    passed_over: int = 0
    _visited: set[tuple[int, int]] = field(default_factory=set)
    """Directories, so that a symbolic link to one of them is not followed again."""

    def inputs(self, name: str) -> Iterator[InputName]:
        """Yield the input `name`, or those in the directory of that name."""
        if name == STDIN or not os.path.isdir(name):  # noqa: PTH112 - Path.is_dir may raise
            yield InputName.of(name)
            return
        files = list(self._files(Path(name)))
        if files == [Path(name)]:  # it cannot be read
            yield InputName.of(name)
            return
        stems = Counter(_key(path.with_suffix("")) for path in files)
        for path in files:
            inside = path.relative_to(name)
            # Two files that differ in their extension only keep it: a.mp3.txt and a.wav.txt.
            alone = stems[_key(path.with_suffix(""))] == 1
            yield InputName(str(path), str(inside.with_suffix("") if alone else inside))

    def _files(self, directory: Path) -> Iterator[Path]:
        try:
            status = directory.stat()
            entries = sorted(directory.iterdir())
        except OSError:
            yield directory  # an input that cannot be read, which does not stop the others
            return
        self._visited.add((status.st_dev, status.st_ino))
        directories = []
        for path in entries:
            if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir may raise
                directories.append(path)
            elif is_sound_file(path):
                yield path
            else:
                self.passed_over += 1
        for path in directories if self.recursive else ():
            status = path.stat()
            if (status.st_dev, status.st_ino) not in self._visited:
                yield from self._files(path)


def _key(path: Path) -> str:
    return str(path).casefold()
