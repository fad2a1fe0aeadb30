"""Request the parts of a long text ahead of their output."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from time import monotonic

from stepcli.api.speech import SpeechRequest, SpokenAudio
from stepcli.api.traffic import traffic
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, QuotaError, ServiceTimeoutError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.concurrency import WorkerPool
from stepcli.tasks.speech.parts import Answer, PartStore, SpeechPart
from stepcli.text.speaking_time import SLOWEST, speaking_time

Speak = Callable[[SpeechRequest], AbstractContextManager[SpokenAudio]]
"""Sends a request and yields its sound."""

PLAYBACK_AHEAD = 60.0
"""Seconds of sound, estimated, that are requested ahead of a listener."""

_PACE_MARGIN = 1.25
"""Factor by which a part may be spoken more slowly than those before it."""


class Prefetcher:
    """Requests parts in order, ahead of the reader, and at a time as many as `limit` allows.

    That is at most `limit.most` parts ahead; for a listener (`plays`) as many as make up
    PLAYBACK_AHEAD, and no other before the first sound arrives (`live`). Without a limit, parts are
    requested one by one, within the caller's own slot.

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
        limit: AdaptiveLimit | None = None,
        retries: int = 0,
        files: bool = True,
        live: bool = False,
        plays: bool = False,
    ) -> None:
        self.first_audio_at: float | None = None
        self._speak = speak
        self._store = store
        self._pcm = pcm
        self._retries = retries
        self._files = files
        self._plays = plays
        self._pace = _Pace(pcm)
        self._requests = requests
        self._limit = limit
        self._most = limit.most if limit else 1
        self._pool = WorkerPool(limit)
        self._open: list[SpeechPart] = []
        self._received: dict[int, float] = {}
        self._taken = 0
        self._stopped = threading.Event()
        self._first_begun = threading.Event()
        if not live:
            self._first_begun.set()

    def __iter__(self) -> Iterator[SpeechPart]:
        """Yield the parts in order. Asking for the next lets a further one be requested."""
        ahead: deque[SpeechPart] = deque()
        try:
            for number, request in enumerate(self._requests):
                while self._is_enough(ahead):
                    yield self._take(ahead)
                ahead.append(self._begin(number, request))
            while ahead:
                yield self._take(ahead)
        except BaseException:
            self._stop()
            raise
        finally:
            self._pool.close()

    @property
    def expected_seconds(self) -> float:
        """How long the sound of all parts is, estimated as long as parts are missing."""
        received = dict(self._received)
        known = sum(received.values())
        estimates = [speaking_time(one.text) / (one.speed or 1) for one in self._requests]
        spoken = sum(estimates[number] for number in received)
        pace = known / spoken if spoken else 1.0
        return known + pace * (sum(estimates) - spoken)

    @property
    def ready_ahead(self) -> int:
        """The number of complete parts that the reader has not asked for."""
        return sum(number >= self._taken for number in list(self._received))

    def close(self, part: SpeechPart) -> None:
        """Close the files of a part that was output."""
        part.close()
        self._open.remove(part)

    def settle(self) -> None:
        """Request nothing new, and wait until what is under way has arrived and is kept.

        Requests that the service has refused are not sent again.
        """
        self._stop()
        self._cancel_refused()
        self._pool.close()
        self._pool.join()
        for part in self._open:
            part.close()

    def _is_enough(self, ahead: Sequence[SpeechPart]) -> bool:
        """Return whether the first part of `ahead` is to be read before another is requested."""
        if len(ahead) > self._most:
            return True
        if not self._plays or len(ahead) < 2:
            return False
        return sum(speaking_time(part.text) for part in islice(ahead, 1, None)) >= PLAYBACK_AHEAD

    def _stop(self) -> None:
        self._stopped.set()
        self._first_begun.set()

    def _cancel_refused(self) -> None:
        if self._limit:
            self._limit.cancel()

    def _take(self, ahead: deque[SpeechPart]) -> SpeechPart:
        self._taken += 1
        return ahead.popleft()

    def _begin(self, number: int, request: SpeechRequest) -> SpeechPart:
        part = SpeechPart(number, request, self._store, self._pcm)
        self._open.append(part)
        self._pool.submit(partial(self._work, part))
        return part

    def _work(self, part: SpeechPart) -> None:
        """Fill `part`, unless one before it has failed, which the reader finds first."""
        if part.number:
            self._first_begun.wait()
        if self._stopped.is_set():
            return
        try:
            self._fill(part)
        except BaseException as exc:  # noqa: BLE001 - raised again in the reader's thread
            self._stop()
            if isinstance(exc, QuotaError):
                self._cancel_refused()
            part.fail(exc)

    def _fill(self, part: SpeechPart) -> None:
        if part.load():
            self._received[part.number] = part.seconds
            traffic.reuse()
            self._first_begun.set()
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
            answer.sentences = sound.sentences
            for block in sound:
                self.first_audio_at = self.first_audio_at or monotonic()
                self._first_begun.set()
                part.add(answer, block)
        self._pace.learn(answer.request.text, answer.file.size)
        self._received[part.number] = self._pcm.seconds(answer.file.size)
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
