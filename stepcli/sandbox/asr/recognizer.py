"""Recognition by moonshine's tiny English model: from sound to words with their times."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import soxr
from moonshine_voice.moonshine_api import ModelArch
from moonshine_voice.transcriber import Transcriber
from moonshine_voice.utils import get_model_path
from numpy.typing import NDArray

Sound = NDArray[np.int16]
"""Mono samples, signed 16 bit."""

_SILENCE = 160  # of 32768
_PAUSE = 1.0  # seconds of silence that end a stretch
_LONGEST = 30.0  # seconds
_FRAME = 0.02  # seconds over which loudness is measured


@dataclass(frozen=True)
class Stretch:
    """Sound from ``start`` seconds on."""

    start: float
    sound: Sound


def stretches(sound: Sound, rate: int) -> Iterator[Stretch]:
    """What is heard in ``sound``, in order; nothing at all of silence.

    The cuts depend only on the sound around them, so equal recordings that follow one another come
    out as equal stretches.
    """
    for start, end in _between_pauses(sound, rate):
        while end - start > _LONGEST * rate:
            middle = start + _quietest(sound[start : start + int(_LONGEST * rate)], rate)
            yield Stretch(start / rate, sound[start:middle])
            start = middle
        yield Stretch(start / rate, sound[start:end])


def _between_pauses(sound: Sound, rate: int) -> Iterator[tuple[int, int]]:
    loud = np.concatenate(([False], np.abs(sound) > _SILENCE, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    rises, falls = edges[::2], edges[1::2]
    pauses = rises[1:] - falls[:-1] > _PAUSE * rate
    starts = np.concatenate((rises[:1], rises[1:][pauses]))
    ends = np.concatenate((falls[:-1][pauses], falls[-1:]))
    yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _quietest(sound: Sound, rate: int) -> int:
    """Where in the second half of ``sound`` it is quietest, in samples."""
    size = int(_FRAME * rate)
    half = len(sound) // 2
    frames = sound[half : half + (len(sound) - half) // size * size].reshape(-1, size)
    return half + int(np.argmin(np.abs(frames, dtype=np.float32).mean(axis=1))) * size + size // 2


_RATE = 16000
_PAD = 0.4  # seconds of silence around a stretch, without which its edges are misheard
_REMEMBERED = 4096  # stretches


@dataclass(frozen=True)
class Word:
    """A word and when it was heard, in seconds."""

    text: str
    start: float
    end: float

    def within(self, length: float) -> Word:
        """The same word as heard in padded sound, in the ``length`` seconds between the padding."""
        start, end = (min(max(0.0, moment - _PAD), length) for moment in (self.start, self.end))
        return Word(self.text, start, end)

    def later(self, seconds: float) -> Word:
        """The same word, heard that much later."""
        return Word(self.text, self.start + seconds, self.end + seconds)


class Listener:
    """One loaded model. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._heard: OrderedDict[bytes, tuple[Word, ...]] = OrderedDict()

    def hear(self, stretch: Stretch, rate: int) -> list[Word]:
        """The words of a stretch, with times from the beginning of the whole sound.

        What was heard before is remembered: long test recordings repeat themselves.
        """
        name = hashlib.sha256(stretch.sound.tobytes() + rate.to_bytes(4, "big")).digest()
        if name not in self._heard:
            self._heard[name] = self._recognise(stretch.sound, rate)
        self._heard.move_to_end(name)
        if len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)
        return [word.later(stretch.start) for word in self._heard[name]]

    def _recognise(self, sound: Sound, rate: int) -> tuple[Word, ...]:
        samples = soxr.resample(sound.astype(np.float32) / 32768, rate, _RATE)
        padded = np.pad(samples, int(_PAD * _RATE)).tolist()
        lines = self._model.transcribe_without_streaming(padded, _RATE).lines
        heard = (
            word
            for line in lines
            if line.start_time + line.duration > _PAD  # silence alone is often heard as "You"
            for word in spread(line.text, line.start_time, line.duration)
        )
        return tuple(word.within(len(sound) / rate) for word in heard)

    @cached_property
    def _model(self) -> Transcriber:
        return Transcriber(
            get_model_path("tiny-en"), ModelArch.TINY, options={"return_audio_data": "false"}
        )


def spread(text: str, start: float, duration: float) -> list[Word]:
    """The words of a line over its time, each with a share by its length."""
    words = text.split()
    ends = list(accumulate(len(word) + 1 for word in words))
    moments = [start + duration * end / max(ends, default=1) for end in (0, *ends)]
    return [Word(*each) for each in zip(words, moments, moments[1:], strict=False)]
