"""Work in several threads that report to one, each piece prepared while others are under way."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from stepcli.tasks.waiting import patiently

Event = TypeVar("Event")
Tell = Callable[[Event], None]
Work = Callable[[Tell[Event]], None]
Prepare = Callable[[Tell[Event]], Iterator[Work[Event]]]


class _GivenUp(BaseException):
    """Nobody listens any more."""


class Crew(Generic[Event]):
    """Iterating gives what the works of ``prepare`` tell, until all are done.

    At most ``jobs`` of them are under way, begun in order, while one more is prepared. When the
    iteration is closed, works end at the next thing they tell. An exception in a work is a fault of
    the program and is raised here.
    """

    def __init__(self, prepare: Prepare[Event], jobs: int) -> None:
        self._prepare = prepare
        self._jobs = jobs
        self._events: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Work[Event] | None] = queue.SimpleQueue()
        self._free = threading.Semaphore(jobs)
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[Event]:
        members = [self._lead, *[self._work] * self._jobs]
        for member in members:
            threading.Thread(target=self._guarded, args=(member,), daemon=True).start()
        try:
            yield from self._told(len(members))
        finally:
            self._stopped.set()
            self._free.release()

    def _told(self, members: int) -> Iterator[Event]:
        while members:
            event = patiently(self._events)
            if isinstance(event, BaseException):
                raise event
            if event is None:
                members -= 1
            else:
                yield event

    def _guarded(self, member: Callable[[], None]) -> None:
        try:
            member()
            self._events.put(None)
        except _GivenUp:
            pass
        except BaseException as fault:  # noqa: BLE001 - raised again where the events are read
            self._events.put(fault)

    def _lead(self) -> None:
        """Prepares, and hands each work over when somebody is free for it."""
        try:
            for work in self._prepare(self._tell):
                self._free.acquire()
                self._check()
                self._ready.put(work)
        finally:
            for _ in range(self._jobs):
                self._ready.put(None)

    def _work(self) -> None:
        while work := self._ready.get():
            self._check()
            work(self._tell)
            self._free.release()

    def _tell(self, event: Event) -> None:
        self._check()
        self._events.put(event)

    def _check(self) -> None:
        if self._stopped.is_set():
            raise _GivenUp
