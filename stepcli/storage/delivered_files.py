"""A record of which request each file of a directory was made from.

It lets a repeated run leave a file alone that an earlier run has made from the same request. The
record contains digests and no text; it expires a week after its last entry.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from stepcli.errors import OutputError
from stepcli.storage.atomic_file import real_path, write_private
from stepcli.storage.directories import make_private, open_regular, remove_expired

_FEW = 1000
"""Entries that are kept although later ones replace them."""


class DeliveredFiles:
    """The files of `directory` that earlier runs have made, recorded in `root`.

    A record that cannot be read or written is treated as empty: files are then made again.
    """

    def __init__(self, root: Path, directory: Path) -> None:
        remove_expired(root)
        self._path = root / f"{_digest(str(real_path(directory)))}.jsonl"
        self._entries = self._load()

    def size_of(self, file: Path, request: Sequence[Any]) -> int | None:
        """Return the size of `file` if it was made from `request` and has not changed, else None.

        The request is given as JSON.
        """
        with suppress(OSError, ValueError):
            entry = _entry(file, request)
            return entry.size if self._entries.get(file.name) == list(entry) else None
        return None

    def add(self, file: Path, request: Sequence[Any]) -> None:
        """Record that `file` was made from `request`. May be called from several threads."""
        with suppress(OSError, ValueError):
            line = json.dumps([file.name, _entry(file, request)])
            make_private(self._path.parent)
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
            finally:
                os.close(handle)

    def _load(self) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        lines: list[bytes] = []
        with suppress(OSError), open_regular(self._path) as file:
            lines = file.read().splitlines()
        for line in lines:
            with suppress(ValueError, TypeError):  # a line that a full disk has truncated
                name, entry = json.loads(line)
                entries[name] = entry
        if len(lines) > len(entries) + _FEW:
            self._rewrite(entries)
        return entries

    def _rewrite(self, entries: dict[str, Any]) -> None:
        """Remove the entries that later ones have replaced."""
        lines = (f"{json.dumps(item)}\n" for item in entries.items())
        with suppress(OutputError):
            write_private(self._path, "".join(lines).encode())


class _Entry(NamedTuple):
    """What is recorded of a file."""

    request: str
    size: int
    modified_ns: int


def _entry(file: Path, request: Sequence[Any]) -> _Entry:
    """Return the entry of a file. Raises OSError where it does not exist."""
    found = file.stat()
    digest = _digest(json.dumps(request, sort_keys=True))
    return _Entry(digest, found.st_size, found.st_mtime_ns)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:32]
