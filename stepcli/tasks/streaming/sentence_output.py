"""Output of streamed sound by sentences, so that one that was cut can be spoken again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from stepcli.audio_types import PCM, Sink
from stepcli.errors import NetworkError

LONGEST_SENTENCE = 3600.0
"""Seconds of sound after which a sentence is considered endless."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence spoken from `start` to `end` seconds of the output."""

    text: str
    start: float
    end: float


class Decoder(Protocol):
    """Decodes the sound of one session to s16le samples.

    The output of one that `lags` comes some time after its input, which lasts `seconds` so far.
    """

    @property
    def lags(self) -> bool: ...

    @property
    def seconds(self) -> float: ...

    def decode(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes:
        """Return the remaining samples. Raise NetworkError if the sound is incomplete."""


@runtime_checkable
class Flushable(Protocol):
    """A sink that accepts a pause in its input: silence after `flush` is not an underrun."""

    def flush(self) -> None: ...


class SentenceOutput:
    """Writes samples of shape `pcm` to `live` sinks at once, to `files` in whole sentences.

    After a loss the cut sentence is spoken again: a listener hears its beginning twice, a file
    never contains the fragment. `sentences` have the times of the sound in the files, or of the
    live sound if there are no files; they leave no gap. Sinks raise OutputError or DeviceError.
    """

    def __init__(
        self,
        pcm: PCM,
        live: Sequence[Sink],
        files: Sequence[Sink],
        decoder: Callable[[], Decoder],
    ) -> None:
        self.sentences: list[Sentence] = []
        self.in_sentence = False
        self.live = live
        self._pcm = pcm
        self._files = files
        self._new_decoder = decoder
        self._decoder: Decoder | None = None
        self._held = bytearray()
        self._size = 0
        self._received_size = 0
        self._session_start = 0
        self._marked = 0
        self._discarded_size = 0

    @property
    def seconds(self) -> float:
        """Length of the sound that was output."""
        return self._pcm.seconds(self._size)

    @property
    def discarded_seconds(self) -> float:
        """Length of the sound of cut sentences, which only live sinks have."""
        return self._pcm.seconds(self._discarded_size)

    @property
    def has_unmarked_sound(self) -> bool:
        """Whether there is sound, or there may be in the decoder, after the last sentence."""
        lagging = self._decoder is not None and self._decoder.lags
        return lagging or self._size + len(self._held) > self._marked

    def start_sentence(self) -> None:
        """Note that a sentence starts."""
        self.in_sentence = True

    def write(self, data: bytes) -> None:
        """Write sound in the wire format. Raises NetworkError for invalid or endless sound."""
        self._decoder = self._decoder or self._new_decoder()
        samples = self._decoder.decode(data)
        if self._decoder.lags:
            self._received_size = self._session_start + self._pcm.size(self._decoder.seconds)
        else:
            self._received_size += len(samples)
        if self._pcm.seconds(self._size + len(self._held) - self._marked) > LONGEST_SENTENCE:
            raise NetworkError("the service sent more than an hour of audio for one sentence")
        self._put(samples)

    def end_sentence(self, text: str) -> float:
        """Complete the sentence, which said `text`; return its length in seconds, 0 if unknown."""
        self.in_sentence = False
        self._keep(len(self._held))
        seconds = self._pcm.seconds(max(self._received_size, self._size) - self._marked)
        self._mark(text, self._received_size)
        if self._decoder and not self._decoder.lags:
            self._decoder = None  # half a sample at the end of a sentence belongs to no other
        return seconds

    def pause(self) -> None:
        """Note that no more sound is expected for now."""
        for sink in self.live:
            if isinstance(sink, Flushable):
                sink.flush()

    def discard_sentence(self) -> None:
        """Discard what was received of a cut sentence, and keep all of those before it."""
        with suppress(NetworkError):
            tail = self._drain_decoder()
            if self.in_sentence:
                self._held += tail
                self._keep(max(0, self._marked - self._size))
            else:
                self._put(tail)
        self._start_over()

    def finish(self, rest: str) -> None:
        """Complete a session; `rest` is the text of sound that belongs to no reported sentence.

        Raises NetworkError if the sound is incomplete.
        """
        self._put(self._drain_decoder())
        self._keep(len(self._held))
        self._start_over()
        if self._size > self._marked:
            self._mark(rest, self._size)

    def _start_over(self) -> None:
        self._discarded_size += len(self._held)
        self._held.clear()
        self.in_sentence = False
        self._received_size = self._session_start = self._size

    def _drain_decoder(self) -> bytes:
        decoder, self._decoder = self._decoder, None
        return decoder.finish() if decoder is not None else b""

    def _put(self, samples: bytes) -> None:
        if not samples:
            return
        for sink in self.live:
            sink.write(samples)
        self._held += samples
        if not (self._files and self.in_sentence):
            self._keep(len(self._held))

    def _keep(self, size: int) -> None:
        """Write the first `size` held bytes to the files."""
        samples = bytes(self._held[:size])
        if not samples:
            return
        del self._held[:size]
        self._size += len(samples)
        for sink in self._files:
            sink.write(samples)

    def _mark(self, text: str, end: int) -> None:
        start, self._marked = self._marked, end
        self.sentences.append(Sentence(text, self._pcm.seconds(start), self._pcm.seconds(end)))
