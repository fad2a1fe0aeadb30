"""Sound on its way out, sentence by sentence, so that one that broke off can be taken again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from stepcli.sound import PCM, Sink


class Decoder(Protocol):
    """One session's sound in the wire format, to s16le samples."""

    def decode(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


@runtime_checkable
class Pausing(Protocol):
    """A sink that can be told of a pause: silence after it is no fault."""

    def flush(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was said from ``start`` to ``end``, in seconds of the sound that came out."""

    text: str
    start: float
    end: float


class Takes:
    """Hands sound to ``heard`` sinks as it comes and to ``kept`` ones when its sentence is whole.

    After a loss the sentence under way is spoken again from its beginning: whoever listens hears
    it start anew, a file never holds the half. ``sentences`` follow the kept sound, or the heard
    one where none is kept; they leave no gap.
    """

    def __init__(
        self, pcm: PCM, heard: Sequence[Sink], kept: Sequence[Sink], decoder: Callable[[], Decoder]
    ) -> None:
        self.sentences: list[Sentence] = []
        self.under_way = False
        self._pcm = pcm
        self.heard = heard
        self._kept = kept
        self._new_decoder = decoder
        self._decoder = decoder()
        self._held: list[bytes] = []
        self._size = 0
        self._marked = 0

    @property
    def seconds(self) -> float:
        """How much sound came out."""
        return self._pcm.seconds(self._size)

    def begin(self) -> None:
        """A sentence starts."""
        self.under_way = True

    def write(self, data: bytes) -> None:
        """Sound in the wire format."""
        self._put(self._decoder.decode(data))

    def end(self, text: str) -> None:
        """The sentence under way is whole, and this is what it said."""
        self.under_way = False
        self._settle()
        self._mark(text)

    def rest(self) -> None:
        """Nothing more to hear for now."""
        for sink in self.heard:
            if isinstance(sink, Pausing):
                sink.flush()

    def retake(self) -> None:
        """The session is gone, and with it the rest of the sentence under way."""
        if self.under_way:
            self._held.clear()
        else:
            self._put(self._decoder.finish())
        self.under_way = False
        self._decoder = self._new_decoder()

    def finish(self, rest: str) -> None:
        """The session ended well; ``rest`` was said in no sentence that the service told of."""
        self._put(self._decoder.finish())
        self.under_way = False
        self._settle()
        self._decoder = self._new_decoder()
        if self._size > self._marked:
            self._mark(rest)

    def _put(self, samples: bytes) -> None:
        if not samples:
            return
        for sink in self.heard:
            sink.write(samples)
        if self._kept:
            self._held.append(samples)
            if not self.under_way:
                self._settle()
        else:
            self._size += len(samples)

    def _settle(self) -> None:
        for samples in self._held:
            self._size += len(samples)
            for sink in self._kept:
                sink.write(samples)
        self._held.clear()

    def _mark(self, text: str) -> None:
        start, end = self._pcm.seconds(self._marked), self._pcm.seconds(self._size)
        self.sentences.append(Sentence(text, start, end))
        self._marked = self._size
