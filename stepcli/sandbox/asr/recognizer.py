"""Split long audio at pauses, and recognize words and their times with a tiny English model."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import soxr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from moonshine_voice.transcriber import Transcriber

Samples = NDArray[np.int16]
"""Mono samples, signed 16 bit."""

_SILENCE = 160  # of 32768
_PAUSE = 1.0  # seconds of silence that end a segment
_LONGEST = 30.0  # seconds
_FRAME = 0.02  # seconds over which loudness is measured
_RATE = 16000
_PADDING = 0.4  # seconds of silence around a segment, without which its edges are misrecognized
_CACHED = 4096  # segments


@dataclass(frozen=True)
class SpeechSegment:
    """Samples that begin ``start`` seconds into the recording."""

    start: float
    samples: Samples


def split_at_pauses(samples: Samples, rate: int) -> Iterator[SpeechSegment]:
    """Yield the segments of ``samples`` that are not silent, in order.

    The cuts depend only on the surrounding sound, so that a recording that repeats itself is split
    into segments that repeat themselves.
    """
    for start, end in _between_pauses(samples, rate):
        while end - start > _LONGEST * rate:
            middle = start + _quietest(samples[start : start + int(_LONGEST * rate)], rate)
            yield SpeechSegment(start / rate, samples[start:middle])
            start = middle
        yield SpeechSegment(start / rate, samples[start:end])


def _between_pauses(samples: Samples, rate: int) -> Iterator[tuple[int, int]]:
    loud = np.concatenate(([False], np.abs(samples) > _SILENCE, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    rises, falls = edges[::2], edges[1::2]
    pauses = rises[1:] - falls[:-1] > _PAUSE * rate
    starts = np.concatenate((rises[:1], rises[1:][pauses]))
    ends = np.concatenate((falls[:-1][pauses], falls[-1:]))
    yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _quietest(samples: Samples, rate: int) -> int:
    """Return the index of the quietest frame in the second half of ``samples``."""
    size = int(_FRAME * rate)
    half = len(samples) // 2
    frames = samples[half : half + (len(samples) - half) // size * size].reshape(-1, size)
    return half + int(np.argmin(np.abs(frames, dtype=np.float32).mean(axis=1))) * size + size // 2


@dataclass(frozen=True)
class RecognizedWord:
    """A word with its start and end in seconds."""

    text: str
    start: float
    end: float

    def without_padding(self, length: float) -> RecognizedWord:
        """Return the word with times in the unpadded audio, which is ``length`` seconds long."""
        start, end = (min(max(0.0, time - _PADDING), length) for time in (self.start, self.end))
        return RecognizedWord(self.text, start, end)

    def shifted(self, seconds: float) -> RecognizedWord:
        """Return the word ``seconds`` later."""
        return RecognizedWord(self.text, self.start + seconds, self.end + seconds)


class Recognizer:
    """One loaded model and a cache of its results. Not thread-safe."""

    def __init__(self) -> None:
        self._cache: OrderedDict[bytes, tuple[RecognizedWord, ...]] = OrderedDict()

    def recognize(self, segment: SpeechSegment, rate: int) -> list[RecognizedWord]:
        """Return the words of a segment, with times from the start of the recording.

        Results are cached because long test recordings repeat themselves.
        """
        key = hashlib.sha256(segment.samples.tobytes() + rate.to_bytes(4, "big")).digest()
        if key not in self._cache:
            self._cache[key] = self._transcribe(segment.samples, rate)
        self._cache.move_to_end(key)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return [word.shifted(segment.start) for word in self._cache[key]]

    def _transcribe(self, samples: Samples, rate: int) -> tuple[RecognizedWord, ...]:
        resampled = soxr.resample(samples.astype(np.float32) / 32768, rate, _RATE)
        padded = np.pad(resampled, int(_PADDING * _RATE)).tolist()
        lines = self._model.transcribe_without_streaming(padded, _RATE).lines
        words = (
            word
            for line in lines
            if line.start_time + line.duration > _PADDING  # silence is often recognized as "You"
            for word in spread_words(line.text, line.start_time, line.duration)
        )
        return tuple(word.without_padding(len(samples) / rate) for word in words)

    @cached_property
    def _model(self) -> Transcriber:
        from moonshine_voice.moonshine_api import ModelArch  # takes most of a second to import
        from moonshine_voice.transcriber import Transcriber
        from moonshine_voice.utils import get_model_path

        return Transcriber(
            get_model_path("tiny-en"), ModelArch.TINY, options={"return_audio_data": "false"}
        )


def spread_words(text: str, start: float, duration: float) -> list[RecognizedWord]:
    """Return the words of a line, each with a share of its time in proportion to its length."""
    words = text.split()
    ends = list(accumulate(len(word) + 1 for word in words))
    times = [start + duration * end / max(ends, default=1) for end in (0, *ends)]
    return [RecognizedWord(*each) for each in zip(words, times, times[1:], strict=False)]
