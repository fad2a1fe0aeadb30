"""A microphone in memory."""

from __future__ import annotations

from collections.abc import Iterable


class MemoryMicrophone:
    """Delivers `blocks` and ends."""

    device = "test"
    overflows = 0

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks

    def __enter__(self) -> Iterable[bytes]:
        return self._blocks

    def __exit__(self, *_: object) -> None: ...
