"""A sink of sound in memory."""

from __future__ import annotations

import errno
import threading

from stepcli.errors import OutputError


class MemorySink:
    """Keeps what is written; fails like a full disk when it has `room` bytes."""

    def __init__(self, room: int | None = None) -> None:
        self.data = b""
        self.writes = 0
        self.flushes = 0
        self._room = room
        self._changed = threading.Condition()

    def write(self, data: bytes) -> None:
        with self._changed:
            if self._room is not None and len(self.data) + len(data) > self._room:
                raise OutputError(f"cannot write: errno {errno.ENOSPC}")
            self.data += data
            self.writes += 1
            self._changed.notify_all()

    def wait_for(self, size: int) -> None:
        """Wait until `size` bytes were written."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.data) >= size, 20)

    def flush(self) -> None:
        self.flushes += 1

    def close(self) -> None: ...

    def abort(self) -> None: ...

    @property
    def text(self) -> str:
        """What the sessions of tests.support.fake_realtime spoke."""
        return self.data.decode("utf-16-le")

    @property
    def letters(self) -> str:
        """The text without spaces, as those between sentences belong to none."""
        return self.text.replace(" ", "")
