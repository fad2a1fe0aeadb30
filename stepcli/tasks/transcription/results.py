"""What the service answered for a piece, and the answers of an unfinished run kept on disk."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol, overload

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone
from stepcli.storage.directories import remove, remove_expired
from stepcli.storage.job_cache import JobCache


class Deltas(Sequence[TranscriptDelta]):
    """Deltas in a tenth of the memory that so many objects take: those of hours are kept."""

    def __init__(self, deltas: Iterable[TranscriptDelta] = ()) -> None:
        kept = list(deltas)
        self._text = "".join(delta.text for delta in kept)
        self._edges = array("L", accumulate((len(delta.text) for delta in kept), initial=0))
        self._times = array("d", (_number(time) for one in kept for time in (one.start, one.end)))

    def __len__(self) -> int:
        return len(self._edges) - 1

    @overload
    def __getitem__(self, index: int) -> TranscriptDelta: ...

    @overload
    def __getitem__(self, index: slice) -> list[TranscriptDelta]: ...

    def __getitem__(self, index: int | slice) -> TranscriptDelta | list[TranscriptDelta]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        start, end = self._times[2 * index : 2 * index + 2]
        text = self._text[self._edges[index] : self._edges[index + 1]]
        return TranscriptDelta(text, _time(start), _time(end))


def _number(time: float | None) -> float:
    return math.nan if time is None else time


def _time(number: float) -> float | None:
    return None if math.isnan(number) else number


@dataclass(frozen=True, slots=True)
class Answer:
    """A piece's text, the deltas it came in (seconds of the piece), and what was told beside it."""

    text: str
    deltas: Sequence[TranscriptDelta] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)
    session_id: str | None = None
    trace_id: str | None = None

    @classmethod
    def of(cls, deltas: Iterable[TranscriptDelta], done: TranscriptDone) -> Answer:
        return cls(done.text, Deltas(deltas), done.usage, done.session_id, done.trace_id)

    def to_json(self) -> bytes:
        deltas = [[delta.text, delta.start, delta.end] for delta in self.deltas]
        others = {
            "text": self.text,
            "usage": self.usage,
            "session_id": self.session_id,
            "trace_id": self.trace_id,
        }
        return json.dumps({"deltas": deltas, **others}).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Answer:
        """Raises ValueError, TypeError or KeyError for what ``to_json`` did not write."""
        value = json.loads(data)
        return cls(deltas=Deltas(TranscriptDelta(*delta) for delta in value.pop("deltas")), **value)


class Memory(Protocol):
    """Where answers are kept by the ``digest`` of the sound and what was asked about it."""

    def load(self, digest: str, request: RecognitionRequest) -> Answer | None: ...

    def keep(self, digest: str, request: RecognitionRequest, answer: Answer) -> None: ...

    def whereabouts(self) -> str | None: ...

    def clear(self) -> None: ...


class KeptAnswers:
    """Answers in a directory, ``room``, until the run that asked has succeeded.

    ``host`` is the service that answers. A room that cannot be written remembers nothing, which
    loses nothing but the way to continue.
    """

    def __init__(self, room: Path, host: str) -> None:
        remove_expired(room)
        self._room = room
        self._host = host
        self._found: set[Path] = set()
        self._kept: set[Path] = set()

    def load(self, digest: str, request: RecognitionRequest) -> Answer | None:
        """What an earlier run left; what this one has kept it has already used."""
        cache = self._cache(digest, request)
        data = None if cache.directory in self._kept else cache.read(0)
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            answer = Answer.from_json(data) if data else None
            self._found |= {cache.directory} if answer else set()
            return answer
        return None

    def keep(self, digest: str, request: RecognitionRequest, answer: Answer) -> None:
        cache = self._cache(digest, request)
        if cache.store(0, answer.to_json()):
            self._kept.add(cache.directory)

    def whereabouts(self) -> str | None:
        """A sentence about what is kept and where; None where nothing is."""
        count = len(self._found | self._kept)
        if not count:
            return None
        what = "1 finished piece is" if count == 1 else f"{count} finished pieces are"
        return f"{what} kept in {self._room}; the same command again sends only the rest"

    def clear(self) -> None:
        """The run has succeeded: nothing is left to continue."""
        for directory in self._found | self._kept:
            remove(directory)

    def _cache(self, digest: str, request: RecognitionRequest) -> JobCache:
        return JobCache(self._room, [self._host, digest, request.to_json()], ".json")


class ForgottenAnswers(KeptAnswers):
    """Keeps nothing, and lets go of what an earlier run has kept of the same pieces."""

    def load(self, digest: str, request: RecognitionRequest) -> None:
        self._cache(digest, request).clear()

    def keep(self, _digest: str, _request: RecognitionRequest, _answer: Answer) -> None:
        """It is forgotten."""
