"""What runs keep in the state directory, by kind: how much it is, and its removal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stepcli.storage.directories import locked_now, remove

KINDS = {
    "speech": "finished parts of long texts, for the next run of the same command",
    "delivered": "which lines of batches are finished and need no request",
    "limits": "how many requests at once the service accepted",
    "transcripts": "recognized pieces of recordings, for the next run of the same command",
    "recordings": "the last recordings of the microphone",
    "stream": "audio of streams that are being written",
    "unspoken": "text that failed streams did not speak",
    "previews": "the last preview that could not be written",
}
"""The directories in the state directory, and what is in them."""

_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The files of one kind in ``directory``."""

    kind: str
    directory: Path

    @property
    def files(self) -> int:
        """The number of files that have contents."""
        return sum(1 for size in self._sizes() if size)

    @property
    def bytes(self) -> int:
        return sum(self._sizes())

    def remove(self) -> None:
        """Remove everything but what a run has locked; do nothing where that fails."""
        with suppress(OSError):
            for path in list(self.directory.iterdir()):
                if path.suffix != _LOCK and not _is_locked(path.with_name(path.name + _LOCK)):
                    remove(path)

    def _sizes(self) -> Iterator[int]:
        for root, _, names in os.walk(self.directory):
            for name in names:
                with suppress(OSError):
                    yield Path(root, name).lstat().st_size


def kept_files(state: Path) -> list[KeptFiles]:
    """Return every kind of file in the directory ``state``."""
    return [KeptFiles(kind, state / kind) for kind in KINDS]


def remove_oldest(root: Path, marker: str, most: int) -> None:
    """Remove the oldest directories in ``root`` with a file ``marker``, down to ``most`` bytes."""
    marked = sorted(root.glob(f"*/{marker}"), key=_modified, reverse=True)
    for path in marked:
        most -= KeptFiles("", path.parent).bytes
        if most < 0:
            remove(path.parent)


def _modified(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _is_locked(path: Path) -> bool:
    with suppress(OSError), locked_now(path) as locked:
        return not locked
    return False
