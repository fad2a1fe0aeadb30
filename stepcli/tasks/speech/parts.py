"""Parts of a long text, filled by a worker and read by the output while they grow.

Every part comes from a single answer, because two answers to the same request never have the same
sound: a part whose answer is truncated is discarded and requested again whole. Only a part that a
listener already hears continues, with the sentence that was cut.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.audio_types import PCM, SAMPLE_BYTES
from stepcli.settings import POLL_SECONDS
from stepcli.text.speaking_time import sentence_start_within

LEAD = 2.0
"""Seconds of an incomplete part that are delivered ahead of what a listener hears."""

_HOLD = 0.05
"""Seconds for which an answer waits to be heard, so that one truncated at once is not."""

_BLOCK = 64 * 1024
_LIVE_BLOCK = 8 * 1024


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

    def keep_sentences(self, number: int, sentences: Sequence[SpokenSentence]) -> None:
        """Keep the word times of part `number`."""

    def load_sentences(self, number: int) -> Sequence[SpokenSentence]:
        """Return the word times that were kept with part `number`."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, the word times that its answer reported, and the size of its sound in bytes.

    `start` is where the sound begins in the output if silence precedes it, in bytes. `speaker` is
    the name in a script.
    """

    text: str
    sentences: Sequence[SpokenSentence]
    size: int
    start: int | None = None
    speaker: str | None = None


class LivePacing:
    """Measures how far the delivered sound is ahead of playback that began with its first block."""

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


class Answer:
    """The sound of one answer to `request`, of which a listener was given `delivered` bytes."""

    def __init__(self, request: SpeechRequest, file: PartFile, *, finished: bool = False) -> None:
        self.request = request
        self.file = file
        self.finished = finished
        self.sentences: Sequence[SpokenSentence] = ()
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
        self._cut: list[Passage] = []
        self._failure: BaseException | None = None

    @property
    def text(self) -> str:
        return self._request.text

    @property
    def is_whole(self) -> bool:
        """Whether one answer is for all of the part."""
        return self._whole is not None

    @property
    def seconds(self) -> float:
        """The length of the whole answer, as far as it was received."""
        return self._pcm.seconds(self._whole.file.size) if self._whole else 0.0

    @property
    def is_ready(self) -> bool:
        """Whether `blocks` does not have to wait."""
        return bool(self._failure or (self._whole and self._whole.finished))

    def live_blocks(self, pacing: LivePacing) -> Iterator[bytes]:
        """Yield the sound for a listener: of an unfinished answer no more than is due.

        What was delivered cannot be replaced if the answer turns out to be truncated.
        """
        while block := self._next_live_block(pacing):
            pacing.delivered(len(block))
            yield block

    def blocks(self) -> Iterator[bytes]:
        """Wait until one answer is whole, then yield its sound."""
        with self._changed:
            while not self.is_ready:
                self._changed.wait(POLL_SECONDS)
        if self._failure:
            raise self._failure
        assert self._whole is not None
        file, position = self._whole.file, 0
        size = file.size - file.size % SAMPLE_BYTES
        while position < size and (block := file.read(position, min(_BLOCK, size - position))):
            position += len(block)
            yield block

    def passages(self) -> list[Passage]:
        """Return what `blocks` yielded: the whole part."""
        assert self._whole is not None
        size = self._whole.file.size // SAMPLE_BYTES * SAMPLE_BYTES
        return [Passage(self._request.text, self._whole.sentences, size)]

    def live_passages(self) -> list[Passage]:
        """Return what `live_blocks` has yielded so far, one for each answer."""
        with self._changed:
            live = self._live
            current = [Passage(live.request.text, live.sentences, live.delivered)] if live else []
            return [*self._cut, *current]

    def close(self) -> None:
        """Close the files; an answer that is not kept is removed."""
        with self._changed:
            if self._whole and self._whole.finished:
                self._whole.file.close()
            elif self._whole:
                self._whole.file.discard()
            if self._live and self._live is not self._whole:
                self._live.file.discard()

    def load(self) -> bool:
        """Use the answer that an earlier run kept; return whether there is one."""
        file = self._store.load(self.number)
        if file is None:
            return False
        answer = Answer(self._request, file, finished=True)
        if self._request.timestamp:
            answer.sentences = self._store.load_sentences(self.number)
        with self._changed:
            self._live = self._whole = answer
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
                self._cut += _heard(answer, fresh.request)
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
                self._store.keep_sentences(self.number, answer.sentences)
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
        """Return how many seconds the beginning of an answer still waits."""
        if answer is None or answer.began is None or answer.delivered:
            return 0.0
        return max(0.0, answer.began + _HOLD - monotonic())

    def _deliver(self, answer: Answer, size: int) -> bytes:
        block = answer.file.read(answer.delivered, min(size, answer.available))
        answer.delivered += len(block)
        return block


def _heard(answer: Answer, following: SpeechRequest) -> list[Passage]:
    """Return what a listener got of `answer`, up to the text that `following` speaks again."""
    if not answer.delivered:
        return []
    text = answer.request.text.removesuffix(following.text)
    return [Passage(text, answer.sentences, answer.delivered)]
