"""What the service answered for a piece, and the answers of an unfinished run kept on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any, Protocol

from stepcli.api.recognition import Delta, Done, RecognitionRequest
from stepcli.errors import OutputError
from stepcli.tasks.shelf import Shelf, sweep


@dataclass(frozen=True, slots=True)
class Answer:
    """A piece's text, the deltas it came in (seconds of the piece), and what was told beside it."""

    text: str
    deltas: tuple[Delta, ...] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)
    session_id: str | None = None
    trace_id: str | None = None

    @classmethod
    def of(cls, deltas: list[Delta], done: Done) -> Answer:
        return cls(done.text, tuple(deltas), done.usage, done.session_id, done.trace_id)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Answer:
        """Raises ValueError, TypeError or KeyError for what ``to_json`` did not write."""
        value = json.loads(data)
        deltas = tuple(Delta(**delta) for delta in value.pop("deltas"))
        return cls(deltas=deltas, **value)


class Memory(Protocol):
    """Where answers are kept by the ``digest`` of the sound and what was asked about it."""

    def load(self, digest: str, request: RecognitionRequest) -> Answer | None: ...

    def keep(self, digest: str, request: RecognitionRequest, answer: Answer) -> None: ...

    def whereabouts(self) -> str | None: ...

    def clear(self) -> None: ...


class NothingKept:
    """Remembers nothing."""

    def load(self, _digest: str, _request: RecognitionRequest) -> Answer | None:
        return None

    def keep(self, _digest: str, _request: RecognitionRequest, _answer: Answer) -> None:
        """It is forgotten."""

    def whereabouts(self) -> str | None:
        return None

    def clear(self) -> None:
        """There is nothing to forget."""


class KeptAnswers:
    """Answers in a directory, ``room``, until the run that asked has succeeded.

    ``host`` is the service that answers. A room that cannot be written remembers nothing, which
    loses nothing but the way to continue.
    """

    def __init__(self, room: Path, host: str) -> None:
        sweep(room)
        self._room = room
        self._host = host
        self._found: set[Path] = set()
        self._kept: set[Path] = set()

    def load(self, digest: str, request: RecognitionRequest) -> Answer | None:
        """What an earlier run left; what this one has kept it has already used."""
        shelf = self._shelf(digest, request)
        data = None if shelf.directory in self._kept else shelf.whole(0)
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            answer = Answer.from_json(data) if data else None
            self._found |= {shelf.directory} if answer else set()
            return answer
        return None

    def keep(self, digest: str, request: RecognitionRequest, answer: Answer) -> None:
        shelf = self._shelf(digest, request)
        with suppress(OutputError):
            shelf.keep(0, answer.to_json())
            self._kept.add(shelf.directory)

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
            rmtree(directory, ignore_errors=True)

    def _shelf(self, digest: str, request: RecognitionRequest) -> Shelf:
        return Shelf(self._room, [self._host, digest, request.to_json()], ".json")
