"""Finished parts of a long job, kept on disk until the whole job is done."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from stepcli.errors import OutputError
from stepcli.storage.directories import (
    exclusive_lock,
    locked_now,
    make_private,
    open_regular,
    remove,
    remove_expired,
    remove_stale,
    try_lock,
)
from stepcli.storage.growing_file import GrowingFile, Header, no_header, open_new
from stepcli.storage.os_errors import reason
from stepcli.storage.temporary_files import temporary_files

_UNFINISHED = ".unfinished"
_ATTEMPTS = 5


def expire_jobs(root: Path) -> None:
    """Remove the jobs in `root` that have not changed for a week, and what killed runs left."""
    remove_expired(root)
    with suppress(OSError):
        for path in root.glob(f"*/.*{_UNFINISHED}"):
            with suppress(OSError):
                remove_stale(path)


class CachedPart(GrowingFile):
    """A part that later runs find after `finish`; its header is written last."""

    publish: Callable[[], None] = staticmethod(lambda: None)
    remove: Callable[[], None] = staticmethod(lambda: None)

    def finish(self) -> None:
        """Mark the part as complete."""
        self.write_header()
        self.publish()

    def discard(self) -> None:
        """Close a part that is not finished and remove its file."""
        self.close()
        self.remove()


class JobCache:
    """A directory of numbered parts that belong to one job; a later run of it finds them again.

    `job` is everything that shapes the parts, as JSON; its digest is the directory's name in
    `root`. A cache that cannot be written does not fail the run: parts are held in memory
    instead, and `notify` is called once with a sentence that says so.
    """

    def __init__(
        self,
        root: Path,
        job: Sequence[Any],
        suffix: str,
        header: Header = no_header,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        digest = hashlib.sha256(json.dumps(job, sort_keys=True).encode())
        self.directory = root / digest.hexdigest()[:32]
        self._suffix = suffix
        self._header = header
        self._notify = notify
        self._turn = threading.Lock()
        self._unfinished: set[Path] = set()
        self._cancelled = False
        self._reported = False

    def path(self, number: int) -> Path:
        """Return where part `number` is kept once it is finished."""
        return self.directory / f"{number:05d}{self._suffix}"

    @contextmanager
    def lock(self, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the job for this run; another run of it waits, and then finds its parts.

        Calls `on_wait` once where another process or thread holds the job. The system releases
        the lock of a killed run. `clear` leaves the parts to a run that waits.
        """
        with suppress(OSError):
            make_private(self.directory.parent)
        with ExitStack() as announcement:

            def wait() -> None:
                self._announce(announcement)
                on_wait()

            with exclusive_lock(self._beside(".lock"), wait) as locked:
                announcement.close()
                if locked:
                    self._remove_unfinished()
                yield

    def begin(self, number: int) -> CachedPart:
        """Return a new part `number`, under another name until it is finished.

        So runs of the same job do not write into each other's parts.
        """
        try:
            path, file = self._new_file(number)
        except OSError as exc:
            self._report(exc)
            return self._part(io.BytesIO(), number)
        part = self._part(file, number, on_failure=lambda exc: self._give_up(part, path, exc))
        part.publish = lambda: self._publish(path, number)
        part.remove = lambda: self._remove_part(path)
        with self._turn:
            self._unfinished.add(path)
            temporary_files.adopt(path)
            if self._cancelled:
                remove(path)
        return part

    def load(self, number: int) -> CachedPart | None:
        """Return part `number` if an earlier run finished it."""
        with suppress(OSError):
            file = open_regular(self.path(number))
            start = len(self._header(0))
            size = os.fstat(file.fileno()).st_size - start
            if size > 0 and file.read(start) == self._header(size):
                return self._part(file, number, size=size)
            file.close()
        return None

    def store(self, number: int, data: bytes) -> bool:
        """Keep `data` as part `number`; return whether it could be kept."""
        part = self.begin(number)
        try:
            part.write(data)
            part.finish()
        finally:
            part.close()
        return not self._reported

    def read(self, number: int) -> bytes | None:
        """Return the content of part `number` if an earlier run finished it."""
        part = self.load(number)
        if part is None:
            return None
        try:
            return part.read(0, part.size)
        except OutputError:
            return None
        finally:
            part.close()

    def count(self) -> int:
        """Return the number of finished parts."""
        return sum(1 for number in self._numbers() if self._is_finished(number))

    def discard_unfinished(self) -> None:
        """Remove the parts that are not finished, also those that threads still create."""
        with self._turn:
            self._cancelled = True
            for path in self._unfinished:
                remove(path)

    def clear(self) -> None:
        """Remove all parts, unless another run of the job waits for them in `lock`."""
        self.discard_unfinished()
        if not self.is_awaited():
            remove(self.directory)

    def is_awaited(self) -> bool:
        """Return whether another run of the job waits for it in `lock`."""
        path = self._beside(".waiting")
        with suppress(OSError), locked_now(path) as locked:
            if not locked:
                return True
            path.unlink()
        return False

    def _part(
        self,
        file: BinaryIO,
        number: int,
        *,
        size: int = 0,
        on_failure: Callable[[OSError], None] | None = None,
    ) -> CachedPart:
        purpose = f"cannot keep part {number} in {self.directory}"
        return CachedPart(file, self._header, purpose, size=size, on_failure=on_failure)

    def _new_file(self, number: int) -> tuple[Path, BinaryIO]:
        """Create a part again where another run of the job removes the directory meanwhile."""
        path = self.directory / f".{number:05d}-{os.urandom(8).hex()}{_UNFINISHED}"
        for _ in range(_ATTEMPTS):
            self._make_directory()
            with suppress(FileNotFoundError):
                return path, open_new(path)
        return path, open_new(path)

    def _make_directory(self) -> None:
        make_private(self.directory)
        if not self.directory.is_dir():
            remove(self.directory)
            make_private(self.directory)

    def _publish(self, path: Path, number: int) -> None:
        """Give a finished part its name; one that another run has removed is not missed."""
        target = self.path(number)
        try:
            if target.is_dir():
                remove(target)
            _rename_open(path, target)
        except FileNotFoundError:
            pass
        except OSError as exc:
            self._report(exc)
        self._forget(path)

    def _remove_part(self, path: Path) -> None:
        self._forget(path)
        remove(path)

    def _forget(self, path: Path) -> None:
        with self._turn:
            self._unfinished.discard(path)
            temporary_files.forget(path)

    def _give_up(self, part: CachedPart, path: Path, exc: OSError) -> None:
        """Leave a part in memory; its file only takes room."""
        part.publish = lambda: None
        remove(path)
        self._report(exc)

    def _report(self, exc: OSError) -> None:
        with self._turn:
            first, self._reported = not self._reported, True
        if first:
            self._notify(
                f"cannot keep finished parts in {self.directory.parent}: {reason(exc)}; "
                "they are held in memory, so a repeated run pays for them again"
            )

    def _numbers(self) -> list[int]:
        pattern = re.compile(rf"([0-9]{{5,}}){re.escape(self._suffix)}")
        found: list[re.Match[str] | None] = []
        with suppress(OSError):
            found = [pattern.fullmatch(path.name) for path in self.directory.iterdir()]
        return [int(name[1]) for name in found if name]

    def _is_finished(self, number: int) -> bool:
        part = self.load(number)
        if part:
            part.close()
        return part is not None

    def _remove_unfinished(self) -> None:
        """Remove what killed runs of the job left."""
        for path in self.directory.glob(f".*{_UNFINISHED}"):
            remove(path)

    def _beside(self, suffix: str) -> Path:
        return self.directory.with_name(self.directory.name + suffix)

    def _announce(self, stack: ExitStack) -> None:
        """Hold a shared lock, by which `clear` knows that a run waits for the parts."""
        with suppress(OSError):
            handle = os.open(self._beside(".waiting"), os.O_RDWR | os.O_CREAT, 0o600)
            stack.callback(os.close, handle)
            try_lock(handle, shared=True)


def _rename_open(path: Path, target: Path) -> None:
    """Windows does not rename an open file, but gives it a second name. Raises OSError."""
    try:
        path.replace(target)
    except PermissionError:
        with suppress(FileExistsError):
            os.link(path, target)
