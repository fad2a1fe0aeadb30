"""Sound on its way out, sentence by sentence, so that one that broke off can be taken again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, runtime_checkable

from stepcli.audio_types import PCM, Sink
from stepcli.errors import NetworkError
from stepcli.subtitles.formats import Sentence

LONGEST_SENTENCE = 3600.0
"""Seconds of sound after which a sentence is taken to have no end."""


class Decoder(Protocol):
    """One session's sound in the wire format, to s16le samples.

    Of one that ``lags``, samples come out some time after what they were made from went in.
    """

    lags: bool

    def decode(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes:
        """What is left at the end of the session. NetworkError where it is no end."""


@runtime_checkable
class Pausing(Protocol):
    """A sink that can be told of a pause: silence after it is no fault."""

    def flush(self) -> None: ...


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
        self._decoder: Decoder | None = None
        self._held = bytearray()
        self._size = 0
        self._said = 0
        self._marked = 0

    @property
    def seconds(self) -> float:
        """How much sound came out."""
        return self._pcm.seconds(self._size)

    @property
    def sounds_on(self) -> bool:
        """Whether there is, or may be in a decoder that lags, sound after the last sentence."""
        lagging = self._decoder is not None and self._decoder.lags
        return lagging or self._size + len(self._held) > self._marked

    def begin(self) -> None:
        """A sentence starts."""
        self.under_way = True

    def write(self, data: bytes, seconds: float) -> None:
        """Sound in the wire format that lasts, so the service says, ``seconds``."""
        self._decoder = self._decoder or self._new_decoder()
        samples = self._decoder.decode(data)
        told = round(seconds * self._pcm.rate) * self._pcm.frame_bytes
        self._said += told if self._decoder.lags else len(samples)
        if self._pcm.seconds(self._size + len(self._held) - self._marked) > LONGEST_SENTENCE:
            raise NetworkError("the service sends sound without an end")
        self._put(samples)

    def end(self, text: str) -> None:
        """The sentence under way is whole, and this is what it said."""
        self.under_way = False
        self._keep(len(self._held))
        self._mark(text, self._said)

    def rest(self) -> None:
        """Nothing more to hear for now."""
        for sink in self.heard:
            if isinstance(sink, Pausing):
                sink.flush()

    def retake(self) -> None:
        """The session is gone, and with it the rest of the sentence under way.

        Of the sentences before it all is kept, also what was still in the decoder.
        """
        with suppress(NetworkError):
            tail = self._tail()
            if self.under_way:
                self._held += tail
                self._keep(max(0, self._marked - self._size))
            else:
                self._put(tail)
        self._start_over()

    def finish(self, rest: str) -> None:
        """The session ended well; ``rest`` was said in no sentence that the service told of."""
        self._put(self._tail())
        self._keep(len(self._held))
        self._start_over()
        if self._size > self._marked:
            self._mark(rest, self._size)

    def _start_over(self) -> None:
        self._held.clear()
        self.under_way = False
        self._said = self._size

    def _tail(self) -> bytes:
        decoder, self._decoder = self._decoder, None
        return decoder.finish() if decoder is not None else b""

    def _put(self, samples: bytes) -> None:
        if not samples:
            return
        for sink in self.heard:
            sink.write(samples)
        self._held += samples
        if not (self._kept and self.under_way):
            self._keep(len(self._held))

    def _keep(self, size: int) -> None:
        """The first ``size`` bytes of what is held are out for good."""
        samples = bytes(self._held[:size])
        if not samples:
            return
        del self._held[:size]
        self._size += len(samples)
        for sink in self._kept:
            sink.write(samples)

    def _mark(self, text: str, end: int) -> None:
        start, self._marked = self._marked, end
        self.sentences.append(Sentence(text, self._pcm.seconds(start), self._pcm.seconds(end)))
