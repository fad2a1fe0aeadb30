"""How many requests to have under way: as many as the service accepts, found by trying.

Additive increase, multiplicative decrease: the limit grows by one with each answer and is halved
when the service refuses a request as one too many (429; PROTOCOL.md, section 2). What was accepted
at that time becomes a ceiling, which is tried again only after many answers, because a limit of a
service rarely changes within a run.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from stepcli.api.retry import RequestLimit
from stepcli.errors import OutputError
from stepcli.settings import AUTO_JOBS
from stepcli.storage.atomic_file import write_private
from stepcli.storage.directories import open_regular, remove_expired

_START = 2
_ROUNDS = 8
"""Answers per slot before a ceiling is tried again; twice as many after each refusal."""
_MOST_ROUNDS = 64
_PAUSES = 10.0
"""A refusal stops everything for the pause that the service asks for, so a ceiling is not tried
again before this multiple of it has passed."""
_KEPT_SECONDS = 24 * 3600.0
_LONGEST_FILE = 200


@dataclass(slots=True)
class _Slot:
    """One call under `limit`. `halvings` counts those of the limit when it began or resumed."""

    limit: AdaptiveLimit
    halvings: int
    held: bool = True
    refusals: int = 0


_slot: ContextVar[_Slot | None] = ContextVar("slot", default=None)
"""The slot of the call that runs in this context, if it is limited."""


class AdaptiveLimit(RequestLimit):
    """Limits calls at a time to `most`; begins with `start`. Safe to share between threads.

    A worker calls `acquire` before a call and `release` after it. The client that the calls use
    reports each answer and each refusal; a refused request gives its slot back while it waits.
    """

    def __init__(
        self,
        most: int = AUTO_JOBS,
        start: int | None = None,
        ceiling: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.most = most
        self.ceiling = ceiling
        self._start = self._limit = min(most, start or most)
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way = 0
        self._peak = 0
        self._resuming = 0
        self._halvings = 0
        self._answers = 0
        self._rounds = _ROUNDS
        self._ceiling_until = 0.0

    @property
    def proven(self) -> int:
        """How many calls at a time the service is known to accept."""
        return self.ceiling or max(self._start, min(self._limit, self._peak))

    @property
    def has_room(self) -> bool:
        """Whether the limit allows one more call."""
        return self._under_way < self._limit

    @property
    def is_resuming(self) -> bool:
        """Whether a refused call waits for room."""
        return bool(self._resuming)

    def acquire(self) -> None:
        """Wait until one more call may begin; those that resume come first."""
        with self._changed:
            self._changed.wait_for(lambda: self.has_room and not self.is_resuming)
            _slot.set(_Slot(self, self._halvings))
            self._take()

    def release(self) -> None:
        """End the call for which this context acquired a slot."""
        with self._changed:
            self._give_back(self._own_slot)

    def succeeded(self) -> None:
        """Allow one call more, but not many more than were ever under way."""
        with self._changed:
            self._answers += 1
            if self.ceiling and self._is_worth_trying(self.ceiling):
                self.ceiling = None
            if self._limit < min(self.most, self.ceiling or self.most, 2 * self._peak):
                self._limit += 1
                self._changed.notify_all()

    def refused(self, pause: float) -> bool:
        """Halve the limit, once for requests that were sent together; give the slot back.

        A call that is refused again shows that half was still too much. Return whether no other
        call was under way: then the service does not limit requests at a time, but over time.
        """
        with self._changed:
            slot = self._own_slot or _Slot(self, self._halvings, held=False)
            self._give_back(slot)
            slot.refusals += 1
            if slot.halvings == self._halvings:
                self._lower(self._limit >> slot.refusals, pause)
            if not self._under_way:
                return True
            self.ceiling = min(self._under_way, self.ceiling or self._under_way)
            self._limit = min(self._limit, self.ceiling)
            return False

    def resume(self) -> None:
        """Take a slot again before new calls do, if this context gave one back."""
        slot = self._own_slot
        if slot is None or slot.held:
            return
        with self._changed:
            self._resuming += 1
            self._changed.wait_for(lambda: self.has_room)
            self._resuming -= 1
            slot.held, slot.halvings = True, self._halvings
            self._take()

    @property
    def _own_slot(self) -> _Slot | None:
        """The slot that this context has of this limit, not of another one."""
        slot = _slot.get()
        return slot if slot and slot.limit is self else None

    def _take(self) -> None:
        self._under_way += 1
        self._peak = max(self._peak, self._under_way)

    def _give_back(self, slot: _Slot | None) -> None:
        if slot and slot.held:
            slot.held = False
            self._under_way -= 1
            self._changed.notify_all()

    def _is_worth_trying(self, ceiling: int) -> bool:
        enough = self._answers >= self._rounds * ceiling
        return enough and self._clock() >= self._ceiling_until

    def _lower(self, limit: int, pause: float) -> None:
        if self._halvings:
            self._rounds = min(2 * self._rounds, _MOST_ROUNDS)
        self._limit = max(1, limit)
        self._halvings += 1
        self._answers = 0
        self._ceiling_until = self._clock() + _PAUSES * pause


@contextmanager
def remembered_limit(
    directory: Path, service: str, key: str, jobs: int | None
) -> Iterator[AdaptiveLimit]:
    """Yield a limit of `jobs`, adaptive if None, that begins where the last run ended.

    `directory` keeps for a day what `service` accepted from `key`.
    """
    digest = hashlib.sha256(f"{service}\n{key}".encode()).hexdigest()
    path = directory / f"{digest[:32]}.json"
    accepted, ceiling = _recall(path) or (jobs or _START, None)
    start = min(jobs, ceiling or jobs) if jobs else accepted
    limit = AdaptiveLimit(jobs or AUTO_JOBS, start, ceiling)
    try:
        yield limit
    finally:
        learned = (limit.proven, limit.ceiling)
        if learned != (accepted, ceiling) and (limit.ceiling or jobs is None):
            remove_expired(directory)
            with suppress(OutputError):
                write_private(path, json.dumps(learned).encode())


def _recall(path: Path) -> tuple[int, int | None] | None:
    """Return what was accepted, and the ceiling if there was one; None if nothing is known."""
    try:
        with open_regular(path) as file:
            if time.time() - path.stat().st_mtime > _KEPT_SECONDS:
                return None
            match json.loads(file.read(_LONGEST_FILE)):
                case [int(accepted), int() | None as ceiling]:
                    return _bounded(accepted), ceiling and _bounded(ceiling)
    except (OSError, ValueError, RecursionError):
        pass
    return None


def _bounded(number: int) -> int:
    return max(1, min(number, AUTO_JOBS))
