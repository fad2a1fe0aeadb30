"""Request the parts of a long text ahead of their output."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from time import monotonic

from stepcli.api.speech import SpeechRequest
from stepcli.api.traffic import traffic
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, ServiceTimeoutError
from stepcli.tasks.concurrency import WorkerPool
from stepcli.tasks.speech.parts import Answer, PartStore, SpeechPart
from stepcli.text.speaking_time import SLOWEST, speaking_time

Speak = Callable[[SpeechRequest], AbstractContextManager[Iterator[bytes]]]
"""Sends a request and yields the blocks of its sound."""

_PACE_MARGIN = 1.25
"""Factor by which a part may be spoken more slowly than those before it."""


class Prefetcher:
    """Requests parts in order, at most `jobs` at once and `jobs` + 1 ahead of the reader.

    A part whose answer is truncated is requested again, up to `retries` times. After any other
    failure nothing new is requested; what is under way is completed and kept. With `files`, a
    part that was played from two answers is requested once more, since files need a whole one.

    `first_audio_at` is the time (time.monotonic) of the first sound.
    """

    def __init__(
        self,
        requests: Sequence[SpeechRequest],
        speak: Speak,
        store: PartStore,
        pcm: PCM,
        *,
        jobs: int,
        retries: int = 0,
        files: bool = True,
    ) -> None:
        self.first_audio_at: float | None = None
        self._speak = speak
        self._store = store
        self._pcm = pcm
        self._retries = retries
        self._files = files
        self._pace = _Pace(pcm)
        self._requests = requests
        self._jobs = jobs
        self._pool = WorkerPool(min(jobs, len(requests)))
        self._open: list[SpeechPart] = []
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[SpeechPart]:
        """Yield the parts in order. Asking for the next lets a further one be requested."""
        ahead: deque[SpeechPart] = deque()
        try:
            for number, request in enumerate(self._requests):
                ahead.append(self._begin(number, request))
                if len(ahead) > self._jobs:
                    yield ahead.popleft()
            while ahead:
                yield ahead.popleft()
        except BaseException:
            self._stopped.set()
            raise
        finally:
            self._pool.close()

    def close(self, part: SpeechPart) -> None:
        """Close the files of a part that was output."""
        part.close()
        self._open.remove(part)

    def settle(self) -> None:
        """Request nothing new, and wait until what is under way has arrived and is kept."""
        self._stopped.set()
        self._pool.close()
        self._pool.join()
        for part in self._open:
            part.close()

    def _begin(self, number: int, request: SpeechRequest) -> SpeechPart:
        part = SpeechPart(number, request, self._store, self._pcm)
        self._open.append(part)
        self._pool.submit(partial(self._work, part))
        return part

    def _work(self, part: SpeechPart) -> None:
        """Fill `part`, unless one before it has failed, which the reader finds first."""
        if self._stopped.is_set():
            return
        try:
            self._fill(part)
        except BaseException as exc:  # noqa: BLE001 - raised again in the reader's thread
            self._stopped.set()
            part.fail(exc)

    def _fill(self, part: SpeechPart) -> None:
        if part.load():
            traffic.reuse()
            return
        self._fetch(part, part.begin())
        if self._files and not part.is_whole:
            self._fetch(part, part.begin_whole())

    def _fetch(self, part: SpeechPart, answer: Answer) -> None:
        for left in range(self._retries, -1, -1):
            try:
                self._receive(part, answer)
                return
            except (NetworkError, ServiceTimeoutError) as failure:
                if not left or self._stopped.is_set() or not _is_truncation(failure):
                    raise
                answer = part.replace(answer, self._pace.slowest)

    def _receive(self, part: SpeechPart, answer: Answer) -> None:
        with self._speak(answer.request) as sound:
            for block in sound:
                self.first_audio_at = self.first_audio_at or monotonic()
                part.add(answer, block)
        self._pace.learn(answer.request.text, answer.file.size)
        part.complete(answer)


def _is_truncation(failure: NetworkError | ServiceTimeoutError) -> bool:
    """Return whether an answer began: others were retried by the client."""
    return failure.status is None and not failure.not_processed


class _Pace:
    """How fast a voice speaks, measured on the parts that are complete."""

    def __init__(self, pcm: PCM) -> None:
        self._pcm = pcm
        self._slowest: float | None = None

    @property
    def slowest(self) -> float:
        """Ratio of actual to estimated speaking time that a part will hardly exceed."""
        return SLOWEST if self._slowest is None else _PACE_MARGIN * self._slowest

    def learn(self, text: str, size: int) -> None:
        """Note that `text` was spoken in `size` bytes."""
        estimate = speaking_time(text)
        if estimate:
            self._slowest = max(self._slowest or 0.0, self._pcm.seconds(size) / estimate)
