"""Parts of a long job that are paid for, kept on disk until the whole is done."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from stepcli.errors import OutputError

_WEEK = 7 * 24 * 3600.0


class Shelf:
    """A directory of numbered parts, one job's own; parts appear complete or not at all.

    The same job finds them again: its name is a digest of everything that shapes its parts.
    """

    def __init__(self, room: Path, job: Sequence[Any], suffix: str) -> None:
        digest = hashlib.sha256(json.dumps(job, sort_keys=True).encode())
        self.directory = room / digest.hexdigest()[:32]
        self._suffix = suffix

    def path(self, number: int) -> Path:
        return self.directory / f"{number:05d}{self._suffix}"

    def load(self, number: int) -> bytes | None:
        """Part ``number`` if an earlier run left it here."""
        try:
            return self.path(number).read_bytes()
        except OSError:
            return None

    def keep(self, number: int, data: bytes) -> Path:
        """Put part ``number`` here. Raises OutputError where the disk refuses."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self.directory, suffix=".new")
            with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor
                file.write(data)
            return Path(name).replace(self.path(number))
        except OSError as exc:
            raise OutputError(f"cannot keep a part in {self.directory}: {exc.strerror}") from exc

    def count(self) -> int:
        """How many parts are here."""
        return sum(1 for _ in self.directory.glob(f"*{self._suffix}"))

    def clear(self) -> None:
        """The job is done."""
        shutil.rmtree(self.directory, ignore_errors=True)


def sweep(room: Path, now: float | None = None) -> None:
    """Forget jobs in ``room`` that nobody came back to for a week."""
    oldest = (now or time.time()) - _WEEK
    with suppress(OSError):
        for directory in room.iterdir():
            if directory.stat().st_mtime < oldest:
                shutil.rmtree(directory, ignore_errors=True)
