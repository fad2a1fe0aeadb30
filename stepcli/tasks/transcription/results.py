"""Recognition results of single pieces, and their cache on disk."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol, overload

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone
from stepcli.storage.directories import remove
from stepcli.storage.job_cache import JobCache, expire_jobs


class CompactDeltas(Sequence[TranscriptDelta]):
    """A sequence of deltas in a tenth of the memory of the objects.

    The deltas of a recording of hours stay in memory until it is complete.
    """

    def __init__(self, deltas: Iterable[TranscriptDelta] = ()) -> None:
        given = list(deltas)
        self._text = "".join(delta.text for delta in given)
        self._edges = array("L", accumulate((len(delta.text) for delta in given), initial=0))
        self._times = array("d", (_number(time) for one in given for time in (one.start, one.end)))

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


Ids = tuple[str | None, str | None]
"""The session and the trace id of a request."""


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """The text of a piece, its deltas with times in seconds of the piece, usage and ids.

    `other_ids` are the session and trace ids of further requests for the same piece; `usage`
    includes theirs. `kept` is whether an earlier run requested it.
    """

    text: str
    deltas: Sequence[TranscriptDelta] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)
    session_id: str | None = None
    trace_id: str | None = None
    other_ids: tuple[Ids, ...] = ()
    kept: bool = field(default=False, compare=False)

    @property
    def ids(self) -> tuple[Ids, ...]:
        """The session and trace id of each request, in order."""
        return (*self.other_ids, (self.session_id, self.trace_id))

    @classmethod
    def of(cls, deltas: Iterable[TranscriptDelta], done: TranscriptDone) -> RecognitionResult:
        """Return the result that `done` completes."""
        return cls(done.text, CompactDeltas(deltas), done.usage, done.session_id, done.trace_id)

    def to_json(self) -> bytes:
        """Return the result as JSON for `from_json`."""
        deltas = [[delta.text, delta.start, delta.end] for delta in self.deltas]
        others = {
            "text": self.text,
            "usage": self.usage,
            "session_id": self.session_id,
            "trace_id": self.trace_id,
            "other_ids": self.other_ids,
        }
        return json.dumps({"deltas": deltas, **others}).encode()

    @classmethod
    def from_json(cls, data: bytes) -> RecognitionResult | None:
        """Return the result that `to_json` wrote; None for anything else."""
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict) or not all(
            isinstance(value.get(name), kind) for name, kind in _FIELDS.items()
        ):
            return None
        if not all(_is_delta(delta) for delta in value["deltas"]):
            return None
        if not all(_is_ids(ids) for ids in value["other_ids"]):
            return None
        deltas = CompactDeltas(TranscriptDelta(*delta) for delta in value["deltas"])
        ids = tuple((session, trace) for session, trace in value["other_ids"])
        return cls(
            value["text"], deltas, value["usage"], value["session_id"], value["trace_id"], ids,
            kept=True,
        )  # fmt: skip


_FIELDS = {
    "text": str,
    "deltas": list,
    "usage": dict,
    "session_id": str | None,
    "trace_id": str | None,
    "other_ids": list,
}


def _is_ids(value: object) -> bool:
    match value:
        case [str() | None, str() | None]:
            return True
    return False


def _is_delta(value: object) -> bool:
    match value:
        case [str(), start, end]:
            return all(time is None or type(time) in (int, float) for time in (start, end))
    return False


class ResultStore(Protocol):
    """Keeps results by the `digest` of the audio and the request made about it."""

    def load(self, digest: str, request: RecognitionRequest) -> RecognitionResult | None:
        """Return the result of an earlier run."""

    def save(self, digest: str, request: RecognitionRequest, result: RecognitionResult) -> None:
        """Keep a result for a later run."""

    def location(self) -> str | None:
        """Return a sentence about what is kept and where; None where nothing is."""

    @contextmanager
    def lock(self, run: Sequence[Any]) -> Iterator[None]:
        """Hold the results of `run`; another one that sends the same waits, and then finds them."""

    def clear(self) -> None:
        """Remove the results of a run that has succeeded."""


class ResultCache:
    """Results in the directory `root`, kept until the run that asked for them has succeeded.

    `host` is the service that returned them. Where they cannot be kept, `notify` is called once.
    """

    def __init__(
        self, root: Path, host: str, notify: Callable[[str], None] = lambda _: None
    ) -> None:
        expire_jobs(root)
        self._root = root
        self._host = host
        self._notify = notify
        self._notified = False
        self._found: set[Path] = set()
        self._saved: set[Path] = set()
        self._run: JobCache | None = None

    def load(self, digest: str, request: RecognitionRequest) -> RecognitionResult | None:
        """Return the result of an earlier run; this run does not need its own ones again."""
        cache = self._cache(digest, request)
        data = None if cache.directory in self._saved else cache.read(0)
        result = RecognitionResult.from_json(data) if data else None
        if result:
            self._found.add(cache.directory)
        return result

    def save(self, digest: str, request: RecognitionRequest, result: RecognitionResult) -> None:
        """Keep a result for a later run, if the disk takes it."""
        cache = self._cache(digest, request)
        if cache.store(0, result.to_json()):
            self._saved.add(cache.directory)

    def location(self) -> str | None:
        """Return a sentence about what is kept and where; None where nothing is."""
        count = len(self._found | self._saved)
        if not count:
            return None
        what = "1 finished piece is" if count == 1 else f"{count} finished pieces are"
        return f"{what} kept in {self._root}; run the same command again to send only the rest"

    @contextmanager
    def lock(self, run: Sequence[Any]) -> Iterator[None]:
        """Hold the results of `run`; another one that sends the same waits, and then finds them."""
        self._run = JobCache(self._root, [self._host, *run], "")
        with self._run.lock(lambda: self._notify(_WAITING)):
            yield

    def clear(self) -> None:
        """Remove the results of a run that has succeeded, unless another one waits for them."""
        if self._run and self._run.is_awaited():
            return
        for directory in self._found | self._saved:
            remove(directory)

    def _cache(self, digest: str, request: RecognitionRequest) -> JobCache:
        job = [self._host, digest, request.to_json()]
        return JobCache(self._root, job, ".json", notify=self._notify_once)

    def _notify_once(self, text: str) -> None:
        if not self._notified:
            self._notified = True
            self._notify(text)


_WAITING = "another run transcribes the same input; waiting for its results"


class DisabledResultCache(ResultCache):
    """Keeps nothing, and removes what an earlier run has kept of the same pieces."""

    def load(self, digest: str, request: RecognitionRequest) -> None:
        """Remove the result of an earlier run."""
        self._cache(digest, request).clear()

    def save(self, _digest: str, _request: RecognitionRequest, _result: RecognitionResult) -> None:
        """Keep nothing."""

    @contextmanager
    def lock(self, _run: Sequence[Any]) -> Iterator[None]:
        """Wait for no other run."""
        yield
