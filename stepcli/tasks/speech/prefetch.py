"""Request the parts of a long text ahead of their output.

Every part comes from a single answer, because two answers to the same request never have the same
sound: a part whose answer is truncated is discarded and requested again whole. Only a part that a
listener already hears continues, with the sentence that was cut.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Protocol

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM, SAMPLE_BYTES
from stepcli.errors import NetworkError, ServiceTimeoutError
from stepcli.tasks.concurrency import POLL_SECONDS, WorkerPool
from stepcli.text.speaking_time import SLOWEST, sentence_start_within, speaking_time

Speak = Callable[[SpeechRequest], AbstractContextManager[Iterator[bytes]]]
"""Sends a request and yields the blocks of its PCM sound."""

LEAD = 2.0
"""Seconds of an incomplete part that are delivered ahead of what a listener hears."""

_PREFILL, _HOLD = 0.25, 0.1
"""Seconds of a new answer that begin its delivery, and seconds after which less does."""

_BLOCK = 64 * 1024
_LIVE_BLOCK = 8 * 1024
_PACE_MARGIN = 1.25
"""Factor by which a part may be spoken more slowly than those before it."""


class PartFile(Protocol):
    """The sound of one answer: written by a worker, read by another thread as it grows."""

    @property
    def size(self) -> int: ...

    def write(self, data: bytes) -> None: ...

    def read(self, position: int, size: int) -> bytes: ...

    def finish(self) -> None:
        """Mark the answer as complete, so that later runs find it."""

    def close(self) -> None: ...

    def discard(self) -> None:
        """Close and remove a file that was not finished."""


class PartStore(Protocol):
    """Keeps the parts of a job by number."""

    def load(self, number: int) -> PartFile | None:
        """Return part `number` if an earlier run finished it."""

    def begin(self, number: int) -> PartFile:
        """Return a new file for part `number`."""


class LivePacing:
    """Measures how far the sound delivered is ahead of a listener, who began with the first."""

    def __init__(self, pcm: PCM, clock: Callable[[], float] = monotonic) -> None:
        self._pcm = pcm
        self._clock = clock
        self._heard_until: float | None = None

    def delivered(self, size: int) -> None:
        """Note that `size` more bytes were delivered."""
        now = self._clock()
        self._heard_until = max(now, self._heard_until or now) + self._pcm.seconds(size)

    @property
    def due_in(self) -> float:
        """Seconds until the listener needs more sound, 0 if at once."""
        if self._heard_until is None:
            return 0.0
        return max(0.0, self._heard_until - self._clock() - LEAD)


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
        finally:
            self._stopped.set()

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


class Answer:
    """The sound of one answer to `request`, of which a listener was given `delivered` bytes."""

    def __init__(self, request: SpeechRequest, file: PartFile, *, finished: bool = False) -> None:
        self.request = request
        self.file = file
        self.finished = finished
        self.delivered = 0
        self.began: float | None = None

    @property
    def available(self) -> int:
        """Bytes in whole samples that were not delivered; half a sample at the end is dropped."""
        return self.file.size - self.file.size % SAMPLE_BYTES - self.delivered


class SpeechPart:
    """One part of the text: a worker fills it, the output reads it.

    A listener and the files read the same answer, unless one was truncated after some of it
    was played. Blocks are whole samples. Reading raises the failure of the worker.
    """

    def __init__(self, number: int, request: SpeechRequest, store: PartStore, pcm: PCM) -> None:
        self.number = number
        self._request = request
        self._store = store
        self._pcm = pcm
        self._changed = threading.Condition()
        self._live: Answer | None = None
        self._whole: Answer | None = None
        self._failure: BaseException | None = None

    @property
    def is_whole(self) -> bool:
        """Whether one answer is for all of the part."""
        return self._whole is not None

    @property
    def is_ready(self) -> bool:
        """Whether `blocks` does not have to wait."""
        with self._changed:
            return bool(self._failure or (self._whole and self._whole.finished))

    def live_blocks(self, pacing: LivePacing) -> Iterator[bytes]:
        """Yield the sound for a listener: of an unfinished answer no more than is due.

        What was delivered cannot be replaced when the answer turns out to be truncated.
        """
        while block := self._next_live_block(pacing):
            pacing.delivered(len(block))
            yield block

    def blocks(self) -> Iterator[bytes]:
        """Wait until one answer is whole, then yield its sound."""
        while not self.is_ready:
            with self._changed:
                self._changed.wait(POLL_SECONDS)
        if self._failure:
            raise self._failure
        assert self._whole is not None
        file, position = self._whole.file, 0
        size = file.size - file.size % SAMPLE_BYTES
        while position < size and (block := file.read(position, min(_BLOCK, size - position))):
            position += len(block)
            yield block

    def close(self) -> None:
        """Close the files; an answer that is not kept is removed."""
        with self._changed:
            for answer in {self._live, self._whole} - {None}:
                assert answer is not None
                if answer is self._whole and answer.finished:
                    answer.file.close()
                else:
                    answer.file.discard()

    def load(self) -> bool:
        """Use the answer that an earlier run kept; return whether there is one."""
        file = self._store.load(self.number)
        if file is None:
            return False
        with self._changed:
            self._live = self._whole = Answer(self._request, file, finished=True)
            self._changed.notify_all()
        return True

    def begin(self) -> Answer:
        """Return an empty answer, for the listener and for the files."""
        with self._changed:
            self._live = self._whole = self._new_answer(self._request)
            return self._live

    def begin_whole(self) -> Answer:
        """Return another empty answer, for the files only."""
        with self._changed:
            self._whole = self._new_answer(self._request)
            return self._whole

    def replace(self, answer: Answer, pace: float) -> Answer:
        """Discard a truncated answer and return an empty one to what is still missing.

        That is all of it, or the text from the first sentence that was not played completely.
        `pace` is the ratio of actual to estimated speaking time.
        """
        with self._changed:
            fresh = self._new_answer(self._remaining(answer, pace))
            if self._whole is answer:
                self._whole = fresh if fresh.request == self._request else None
            if self._live is answer:
                self._live = fresh
            answer.file.discard()
            return fresh

    def add(self, answer: Answer, block: bytes) -> None:
        """Append `block` to `answer`."""
        answer.file.write(block)
        with self._changed:
            answer.began = answer.began or monotonic()
            self._changed.notify_all()

    def complete(self, answer: Answer) -> None:
        """Mark `answer` as complete; one that is for the whole part is kept for later runs."""
        with self._changed:
            if answer is self._whole:
                answer.file.finish()
            answer.finished = True
            self._changed.notify_all()

    def fail(self, failure: BaseException) -> None:
        """End the part with the failure of its worker."""
        with self._changed:
            self._failure = failure
            self._changed.notify_all()

    def _new_answer(self, request: SpeechRequest) -> Answer:
        return Answer(request, self._store.begin(self.number))

    def _remaining(self, answer: Answer, pace: float) -> SpeechRequest:
        if not answer.delivered:
            return answer.request
        text = answer.request.text
        start = sentence_start_within(text, self._pcm.seconds(answer.delivered), pace)
        return replace(answer.request, text=text[start:])

    def _next_live_block(self, pacing: LivePacing) -> bytes:
        """Wait for the next block; empty at the end."""
        with self._changed:
            while True:
                if self._failure:
                    raise self._failure
                answer = self._live
                if answer and answer.finished:
                    return self._deliver(answer, _BLOCK)
                due_in = max(pacing.due_in, self._held_for(answer))
                if answer and answer.available and not due_in:
                    return self._deliver(answer, _LIVE_BLOCK)
                self._changed.wait(min(POLL_SECONDS, due_in or POLL_SECONDS))

    def _held_for(self, answer: Answer | None) -> float:
        """Return for how long the beginning of an answer waits, as it may be truncated at once."""
        if answer is None or answer.began is None or answer.delivered:
            return 0.0
        if self._pcm.seconds(answer.available) >= _PREFILL:
            return 0.0
        return max(0.0, answer.began + _HOLD - monotonic())

    def _deliver(self, answer: Answer, size: int) -> bytes:
        block = answer.file.read(answer.delivered, min(size, answer.available))
        answer.delivered += len(block)
        return block


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
