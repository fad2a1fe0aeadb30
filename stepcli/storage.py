"""Parts of a long job that are paid for, kept on disk until the whole is done."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from stepcli.errors import OutputError

_WEEK = 7 * 24 * 3600.0
_UNFINISHED = ".unfinished"
_ATTEMPTS = 5

Head = Callable[[int], bytes]
"""The bytes that go before so many bytes of content; their own length is always the same."""


def headless(_size: int) -> bytes:
    """For parts that are written in one go, and can tell when they are not whole."""
    return b""


class Part:
    """A growing file that one thread writes while another reads it.

    Its head is written last, and then ``finished`` is called; until then it counts for nothing.
    """

    def __init__(
        self,
        file: BinaryIO,
        head: Head,
        where: object,
        size: int = 0,
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        self._file = file
        self._head = head
        self._begin = len(head(0))
        self._turn = threading.Lock()
        self._finished = finished
        self._where = where
        self.size = size

    def write(self, data: bytes) -> None:
        """Append ``data``. Raises OutputError where the disk refuses."""
        with self._turn, _blamed(self._where):
            self._file.seek(self._begin + self.size)
            self._file.write(data)
            self.size += len(data)

    def read(self, position: int, size: int) -> bytes:
        """At most ``size`` bytes of the content from ``position`` on."""
        with self._turn, _blamed(self._where):
            self._file.seek(self._begin + position)
            return self._file.read(size)

    def finish(self) -> None:
        """The part is complete: later runs may have it."""
        with self._turn, _blamed(self._where):
            self._file.seek(0)
            self._file.write(self._head(self.size))
        self._finished()

    def close(self) -> None:
        self._file.close()


class Shelf:
    """A directory of numbered parts, one job's own; the same job finds them again.

    ``job`` is everything that shapes the parts, as JSON; its digest is the directory's name.
    """

    def __init__(self, room: Path, job: Sequence[Any], suffix: str, head: Head = headless) -> None:
        digest = hashlib.sha256(json.dumps(job, sort_keys=True).encode())
        self.directory = room / digest.hexdigest()[:32]
        self._suffix = suffix
        self._head = head
        self._unfinished: set[Path] = set()
        self._given_up = False

    def path(self, number: int) -> Path:
        return self.directory / f"{number:05d}{self._suffix}"

    def begin(self, number: int) -> Part:
        """A new part ``number``, under another name until it is finished.

        So runs of the same job do not write into each other's parts. Raises OutputError where
        nothing can be kept.
        """
        with _blamed(self.directory):
            path, handle = self._new_file(number)
            self._unfinished.add(path)
            if self._given_up:
                self.give_up()
            file = os.fdopen(handle, "r+b", buffering=0)
            return Part(
                file, self._head, self.directory, finished=lambda: self._publish(path, number)
            )

    def _new_file(self, number: int) -> tuple[Path, int]:
        """Once more where another run of the job has cleared the directory meanwhile."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        path = self.directory / f".{number:05d}-{os.urandom(8).hex()}{_UNFINISHED}"
        for _ in range(_ATTEMPTS):
            make_private(self.directory)
            with suppress(FileNotFoundError):
                return path, os.open(path, flags, 0o600)
        return path, os.open(path, flags, 0o600)

    def _publish(self, path: Path, number: int) -> None:
        """What another run of the job has cleared away is not missed: its sound is at hand."""
        with _blamed(self.directory), suppress(FileNotFoundError):
            try:
                path.replace(self.path(number))
            except PermissionError:  # Windows renames no open file, but gives it a second name
                with suppress(FileExistsError):
                    os.link(path, self.path(number))
        self._unfinished.discard(path)

    def load(self, number: int) -> Part | None:
        """Part ``number`` if an earlier run finished it."""
        with suppress(OSError):
            file = self.path(number).open("rb", buffering=0)
            begin = len(self._head(0))
            size = self.path(number).stat().st_size - begin
            if size > 0 and file.read(begin) == self._head(size):
                return Part(file, self._head, self.directory, size)
            file.close()
        return None

    def keep(self, number: int, data: bytes) -> None:
        """Part ``number`` in one go. Raises OutputError where nothing can be kept."""
        part = self.begin(number)
        try:
            part.write(data)
            part.finish()
        finally:
            part.close()

    def whole(self, number: int) -> bytes | None:
        """All of part ``number``, if an earlier run finished it."""
        part = self.load(number)
        if part is None:
            return None
        try:
            return part.read(0, part.size)
        finally:
            part.close()

    def count(self) -> int:
        """How many finished parts are here."""
        found = 0
        for path in self.directory.glob(f"[0-9]*{self._suffix}"):
            if part := self.load(int(path.name.removesuffix(self._suffix))):
                part.close()
                found += 1
        return found

    def give_up(self) -> None:
        """Nobody waits for parts under way any more, should there be any."""
        self._given_up = True
        for path in list(self._unfinished):
            with suppress(OSError):
                path.unlink()

    def clear(self) -> None:
        """The job is done."""
        shutil.rmtree(self.directory, ignore_errors=True)


def make_private(directory: Path) -> None:
    """``directory`` and what is missing above it, for its owner alone."""
    with suppress(FileExistsError):
        if not directory.parent.is_dir():
            make_private(directory.parent)
        directory.mkdir(mode=0o700)


def sweep(room: Path, now: float | None = None) -> None:
    """Forget jobs in ``room`` that nobody came back to for a week."""
    oldest = (now or time.time()) - _WEEK
    with suppress(OSError):
        for directory in room.iterdir():
            if directory.stat().st_mtime < oldest:
                shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _blamed(where: object) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise OutputError(f"cannot keep a part in {where}: {exc.strerror}") from exc


_turn = threading.RLock()
_unfinished: set[Path] = set()
_over = False


def temporary(directory: Path) -> Path:
    """A new empty file in ``directory`` that only its owner can read.

    Its name cannot be guessed, and nothing that lies there already is followed or opened. Raises
    OSError where there can be none.
    """
    path = directory / f".stepcli-{os.urandom(8).hex()}.part"
    with _turn:
        if _over:
            raise InterruptedError(4, "the run is over")
        _unfinished.add(path)
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            os.close(os.open(path, flags, 0o600))
        except OSError:
            _unfinished.discard(path)
            raise
    return path


def done_with(path: Path) -> None:
    """``path`` has another name by now, or is gone."""
    with _turn:
        _unfinished.discard(path)


def remove_all() -> None:
    """The run is over. Threads that have not noticed yet get no new files."""
    global _over
    with _turn:
        _over = True
        for path in _unfinished:
            with suppress(OSError):
                path.unlink()
