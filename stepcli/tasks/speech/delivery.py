"""Deliver the sound of speech requests to its outputs, and keep what was paid for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, Protocol, TypeVar

from stepcli.api.speech import SpeechRequest
from stepcli.api.traffic import traffic
from stepcli.audio_types import PCM, Sink
from stepcli.errors import OutputError, StepcliError
from stepcli.tasks.speech.parts import LivePacing, PartFile, PartStore, Passage
from stepcli.tasks.speech.prefetch import Speak

_BLOCK = 64 * 1024


class OutputPart(Protocol):
    """A part as the outputs read it: see `SpeechPart`."""

    @property
    def is_ready(self) -> bool: ...

    def live_blocks(self, pacing: LivePacing) -> Iterator[bytes]: ...

    def blocks(self) -> Iterator[bytes]: ...

    def live_passages(self) -> Sequence[Passage]: ...

    def passages(self) -> Sequence[Passage]: ...


P = TypeVar("P", bound=OutputPart)


class PartSource(Protocol[P]):
    """Yields the parts of a sound in order: see `Prefetcher`."""

    @property
    def first_audio_at(self) -> float | None: ...

    def __iter__(self) -> Iterator[P]: ...

    def close(self, part: P) -> None: ...

    def settle(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """What was output: bytes, milliseconds to the first of them, and gaps in playback.

    `passages` are those of the files, or of the live sound if there are no files. `late` maps the
    number of each cue that ran over to the seconds by which it did.
    """

    size: int
    first_audio_ms: int | None
    underruns: int = 0
    passages: Sequence[Passage] = ()
    late: Mapping[int, float] = field(default_factory=dict)


def deliver_parts(
    parts: PartSource[P],
    pcm: PCM,
    live: Sequence[Sink],
    files: Sequence[Sink],
    progress: Callable[[int], None] = lambda _: None,
) -> SpeechResult:
    """Write the sound of `parts` to `live` sinks as it arrives, to `files` part by part.

    `progress` is called with the number of parts that were output. Raises what the requests and
    the sinks raise; then what was under way has arrived and is kept.
    """
    started, delivery = monotonic(), _Delivery(parts, pcm, live, files, progress)
    try:
        for part in parts:
            delivery.add(part)
        delivery.finish()
    except StepcliError:
        parts.settle()
        raise
    latency = _milliseconds(started, parts.first_audio_at or delivery.first_block_at)
    return SpeechResult(delivery.size, latency, passages=delivery.passages)


def _milliseconds(start: float, end: float | None) -> int | None:
    return None if end is None else round(1000 * (end - start))


class _Delivery(Generic[P]):
    def __init__(
        self,
        parts: PartSource[P],
        pcm: PCM,
        live: Sequence[Sink],
        files: Sequence[Sink],
        progress: Callable[[int], None],
    ) -> None:
        self.size = 0
        self.first_block_at: float | None = None
        self.passages: list[Passage] = []
        self._parts = parts
        self._pacing = LivePacing(pcm)
        self._live = live
        self._files = files
        self._progress = progress
        self._finished = 0
        self._waiting: deque[P] = deque()

    def add(self, part: P) -> None:
        """Output the next part. A listener does not wait for a file that needs another answer."""
        self._waiting.append(part)
        if self._live:
            size = self._write(part.live_blocks(self._pacing), self._live)
            self.size += 0 if self._files else size
        while self._waiting and (not self._live or self._waiting[0].is_ready or not self._files):
            self._complete(self._waiting.popleft())

    def finish(self) -> None:
        """Output what files still lack."""
        while self._waiting:
            self._complete(self._waiting.popleft())

    def _complete(self, part: P) -> None:
        if self._files:
            self.size += self._write(part.blocks(), self._files)
        self.passages += part.passages() if self._files else part.live_passages()
        self._parts.close(part)
        self._finished += 1
        self._progress(self._finished)

    def _write(self, blocks: Iterator[bytes], sinks: Sequence[Sink]) -> int:
        size = 0
        for block in blocks:
            self.first_block_at = self.first_block_at or monotonic()
            for sink in sinks:
                sink.write(block)
            size += len(block)
        return size


def deliver_answer(
    request: SpeechRequest, speak: Speak, store: PartStore, sink: Sink
) -> SpeechResult:
    """Write the bytes of the answer to `request` to `sink`, unchanged.

    If `sink` fails, the rest of the answer is still received and kept in `store`, where the next
    run finds it. Raises what the request and the sink raise.
    """
    started = monotonic()
    if kept := store.load(0):
        traffic.reuse()
        latency = _milliseconds(started, monotonic())
        _copy(kept, sink)
        passage = Passage(request.text, store.load_sentences(0), kept.size)
        return SpeechResult(kept.size, latency, passages=[passage])
    answer = _KeptAnswer(store, sink)
    try:
        with speak(request) as sound:
            for block in sound:
                answer.write(block)
        store.keep_sentences(0, sound.sentences)
        answer.finish()
    finally:
        answer.close()
    latency = _milliseconds(started, answer.first_audio_at)
    passage = Passage(request.text, sound.sentences, answer.size)
    return SpeechResult(answer.size, latency, passages=[passage])


def _copy(kept: PartFile, sink: Sink) -> None:
    try:
        for position in range(0, kept.size, _BLOCK):
            sink.write(kept.read(position, _BLOCK))
    finally:
        kept.close()


class _KeptAnswer:
    """Writes an answer to a sink and, from its first byte on, to a file that outlives a failure."""

    def __init__(self, store: PartStore, sink: Sink) -> None:
        self.size = 0
        self.first_audio_at: float | None = None
        self._store = store
        self._sink = sink
        self._file: PartFile | None = None
        self._finished = False
        self._failure: OutputError | None = None

    def write(self, block: bytes) -> None:
        self.first_audio_at = self.first_audio_at or monotonic()
        self._file = self._file or self._store.begin(0)
        self._file.write(block)
        self.size += len(block)
        if self._failure is None:
            try:
                self._sink.write(block)
            except OutputError as exc:
                self._failure = exc

    def finish(self) -> None:
        """Keep the complete answer. Raises OutputError if the sink failed."""
        if self._file:
            self._file.finish()
        self._finished = True
        if self._failure:
            raise self._failure

    def close(self) -> None:
        if self._file and self._finished:
            self._file.close()
        elif self._file:
            self._file.discard()
