"""Bytes between one writer and one reader, bounded; neither ever waits for the other."""

from __future__ import annotations

from typing import Final


class Ring:
    """``size`` bytes of room.

    Safe without a lock for one thread that puts and one that takes: each moves only its own
    counter, and only after the bytes are in place.
    """

    def __init__(self, size: int) -> None:
        self.size: Final = size
        self._room = memoryview(bytearray(size))
        self._put = 0
        self._taken = 0

    @property
    def filled(self) -> int:
        """How many bytes wait to be taken."""
        return self._put - self._taken

    def put(self, data: memoryview) -> int:
        """Copy in as much of ``data`` as there is room for; how many bytes that was."""
        count = min(len(data), self.size - self.filled)
        start = self._put % self.size
        until_end = min(count, self.size - start)
        self._room[start : start + until_end] = data[:until_end]
        self._room[: count - until_end] = data[until_end:count]
        self._put += count
        return count

    def take(self, block: memoryview) -> None:
        """Copy the next ``len(block)`` bytes, which must be there, into ``block``."""
        count = len(block)
        start = self._taken % self.size
        until_end = min(count, self.size - start)
        block[:until_end] = self._room[start : start + until_end]
        block[until_end:] = self._room[: count - until_end]
        self._taken += count
