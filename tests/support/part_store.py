"""Parts of a job in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from stepcli.api.spoken_sentence import SpokenSentence


class MemoryPart:
    """One part; `state` is growing, finished, closed or discarded."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.state = "finished" if data else "growing"
        self._turn = threading.Lock()

    @property
    def size(self) -> int:
        return len(self.data)

    def write(self, data: bytes) -> None:
        with self._turn:
            self.data += data

    def read(self, position: int, size: int) -> bytes:
        with self._turn:
            return bytes(self.data[position : position + size])

    def finish(self) -> None:
        self.state = "finished"

    def close(self) -> None:
        assert self.state in ("finished", "closed")
        self.state = "closed"

    def discard(self) -> None:
        self.state = "discarded"


class MemoryStore:
    """Parts by number; `begun` has all that were ever begun."""

    def __init__(self, **kept: bytes) -> None:
        self.begun: list[tuple[int, MemoryPart]] = []
        self.sentences: dict[int, list[SpokenSentence]] = {}
        self._kept = {int(name[1:]): data for name, data in kept.items()}

    def load(self, number: int) -> MemoryPart | None:
        return MemoryPart(self._kept[number]) if number in self._kept else None

    def begin(self, number: int) -> MemoryPart:
        part = MemoryPart()
        self.begun.append((number, part))
        return part

    def keep_sentences(self, number: int, sentences: Sequence[SpokenSentence]) -> None:
        self.sentences[number] = list(sentences)

    def load_sentences(self, number: int) -> Sequence[SpokenSentence]:
        return self.sentences.get(number, ())

    @property
    def finished(self) -> dict[int, bytes]:
        """The parts that a later run finds."""
        found = {
            number: part for number, part in self.begun if part.state in ("finished", "closed")
        }
        return {number: bytes(part.data) for number, part in found.items()}
