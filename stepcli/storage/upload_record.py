"""A record of the files that were uploaded to the account's storage and not deleted again.

The service has no list that tells them apart from other files, and it charges for them by the day.
So the record does not expire.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from stepcli.errors import OutputError
from stepcli.storage.atomic_file import write_private
from stepcli.storage.directories import exclusive_lock, make_private, open_regular


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in the storage at `base`, a base URL.

    `name` is that of the local file, `size` is in bytes, `uploaded_at` is an ISO 8601 time, and
    `voice` is the id of the voice that was cloned from the file.
    """

    id: str
    base: str
    name: str
    size: int
    uploaded_at: str
    voice: str | None = None


class UploadRecord:
    """The uploads that remain, kept in the file `path`.

    A record that cannot be written is left as it was: an upload must not fail because of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def at(self, base: str) -> list[Upload]:
        """Return the uploads that remain at `base`, the oldest first."""
        return [one for one in self._load() if one.base == base]

    def find(self, file_id: str, base: str) -> Upload | None:
        """Return the upload with the id `file_id` at `base`, if it is recorded."""
        return next((one for one in self.at(base) if one.id == file_id), None)

    def add(self, upload: Upload) -> None:
        """Record that a file was uploaded."""
        with self._changing() as uploads:
            uploads.append(upload)

    def remove(self, file_id: str, base: str) -> None:
        """Record that a file was deleted."""
        with self._changing() as uploads:
            uploads[:] = [one for one in uploads if (one.id, one.base) != (file_id, base)]

    def set_voice(self, file_id: str, base: str, voice: str) -> None:
        """Record that `voice` was cloned from a file."""
        with self._changing() as uploads:
            uploads[:] = [
                replace(one, voice=voice) if (one.id, one.base) == (file_id, base) else one
                for one in uploads
            ]

    @contextmanager
    def _changing(self) -> Iterator[list[Upload]]:
        with suppress(OSError):
            make_private(self._path.parent)
        with exclusive_lock(self._path.with_suffix(".lock")):
            before = self._load()
            uploads = list(before)
            yield uploads
            if uploads != before:
                text = json.dumps([asdict(one) for one in uploads], ensure_ascii=False, indent=1)
                with suppress(OutputError):
                    write_private(self._path, f"{text}\n".encode(errors="surrogatepass"))

    def _load(self) -> list[Upload]:
        """Return all uploads; none where the file is missing or damaged."""
        with suppress(OSError, ValueError, TypeError), open_regular(self._path) as file:
            return [Upload(**one) for one in json.loads(file.read())]
        return []
