"""Requests made ahead of the sound that is being heard."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import SAMPLE_BYTES
from stepcli.errors import NetworkError, ServiceTimeoutError, StepcliError
from stepcli.tasks.concurrency import BLINK, patiently

Speak = Callable[[SpeechRequest], AbstractContextManager[Iterator[bytes]]]

_BLOCK = 64 * 1024


class Growing(Protocol):
    """One part's bytes: written by a worker, read by another thread as they come."""

    size: int

    def write(self, data: bytes) -> None: ...

    def read(self, position: int, size: int) -> bytes: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


class Keeper(Protocol):
    """Where parts are kept, by number."""

    def load(self, number: int) -> Growing | None: ...

    def begin(self, number: int) -> Growing: ...


class Ahead:
    """The PCM of ``requests``, in order, as one stream; at most ``jobs`` are asked at once.

    At most ``jobs`` + 1 parts are ahead of the reader. A part that is cut off is asked for again,
    alone, ``retries`` times, and goes on where it had stopped. After a failure for good nothing new
    is asked; what is on its way is finished and kept.
    """

    def __init__(
        self,
        requests: Sequence[SpeechRequest],
        speak: Speak,
        keeper: Keeper,
        *,
        jobs: int,
        retries: int = 0,
    ) -> None:
        self._speak = speak
        self._keeper = keeper
        self._retries = retries
        self.finished = 0
        self._upcoming = iter(enumerate(requests))
        self._ordered: queue.SimpleQueue[_Part | None] = queue.SimpleQueue()
        self._turn = threading.Lock()
        self._begun: list[_Part] = []
        self._room = threading.Semaphore(jobs + 1)
        self._stopped = threading.Event()
        self._workers = [
            threading.Thread(target=self._work, daemon=True)
            for _ in range(min(jobs, len(requests)))
        ]

    def __iter__(self) -> Iterator[bytes]:
        for worker in self._workers:
            worker.start()
        try:
            while (part := patiently(self._ordered)) is not None:
                yield from part.blocks()
                self._begun.remove(part)
                self.finished += 1
                self._room.release()
        except StepcliError:
            self.settle()
            raise
        finally:
            self._stopped.set()

    def settle(self) -> None:
        """Ask for nothing new, and wait until what is on its way has arrived and is kept."""
        self._stopped.set()
        for worker in self._workers:
            while worker.is_alive():
                worker.join(BLINK)
        for part in self._begun:
            part.close()

    def _work(self) -> None:
        while (part := self._next()) is not None:
            try:
                self._fill(part)
            except BaseException as exc:  # noqa: BLE001 - the reader raises it in its own thread
                self._stopped.set()
                part.end(exc)

    def _next(self) -> _Part | None:
        while not self._room.acquire(timeout=BLINK):
            if self._stopped.is_set():
                break
        with self._turn:
            number, request = next(self._upcoming, (0, None))
            part = _Part(number, request) if request and not self._stopped.is_set() else None
            self._begun += [part] if part else []
            self._ordered.put(part)
            return part

    def _fill(self, part: _Part) -> None:
        kept = self._keeper.load(part.number)
        if kept is not None:
            part.take(kept)
        else:
            part.begin(self._keeper.begin(part.number))
            self._fetch(part)
            part.finish()
        part.end(None)

    def _fetch(self, part: _Part) -> None:
        for left in range(self._retries, -1, -1):
            try:
                with self._speak(part.request) as sound:
                    for block in _beyond(part.size, sound):
                        part.add(block)
                return
            except (NetworkError, ServiceTimeoutError) as failure:
                # What was answered with a status, or never arrived, has been tried again already.
                settled = failure.status is not None or failure.not_processed
                if settled or not left or self._stopped.is_set():
                    raise


class _Part:
    """One request's sound: filled by a worker, read as it arrives. It waits on disk, not here."""

    def __init__(self, number: int, request: SpeechRequest) -> None:
        self.number = number
        self.request = request
        self._bytes: Growing | None = None
        self._news: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()

    @property
    def size(self) -> int:
        return self._bytes.size if self._bytes else 0

    def begin(self, growing: Growing) -> None:
        self._bytes = growing

    def take(self, kept: Growing) -> None:
        """All of it is there already."""
        self._bytes = kept
        for position in range(0, kept.size, _BLOCK):
            self._news.put(min(_BLOCK, kept.size - position))

    def add(self, block: bytes) -> None:
        assert self._bytes is not None
        self._bytes.write(block)
        self._news.put(len(block))

    def finish(self) -> None:
        assert self._bytes is not None
        self._bytes.finish()

    def end(self, failure: BaseException | None) -> None:
        self._news.put(failure)

    def blocks(self) -> Iterator[bytes]:
        """Whole samples as they come, so that the next part begins on a sample."""
        position, odd = 0, b""
        while (news := patiently(self._news)) is not None:
            if isinstance(news, BaseException):
                raise news
            assert self._bytes is not None
            whole = odd + self._bytes.read(position, news)
            position += news
            cut = len(whole) - len(whole) % SAMPLE_BYTES
            odd = whole[cut:]
            if cut:
                yield whole[:cut]
        self.close()

    def close(self) -> None:
        if self._bytes is not None:
            self._bytes.close()


def _beyond(heard: int, sound: Iterator[bytes]) -> Iterator[bytes]:
    """``sound`` without its first ``heard`` bytes."""
    for block in sound:
        if heard < len(block):
            yield block[heard:]
        heard = max(0, heard - len(block))
