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

    At most ``jobs`` of them are under way; one more is taken from ``prepare`` meanwhile, which is
    never run by two threads at once. When the iteration is closed, works end at the next thing they
    tell. An exception in a work is a fault of the program and is raised here.
    """

    def __init__(self, prepare: Prepare[Event], jobs: int) -> None:
        self._events: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        self._works = prepare(self._tell)
        self._turn = threading.Lock()
        self._slots = threading.Semaphore(jobs)
        self._stopped = threading.Event()
        self._size = jobs + 1

    def __iter__(self) -> Iterator[Event]:
        working = self._size
        for _ in range(working):
            threading.Thread(target=self._member, daemon=True).start()
        try:
            while working:
                event = patiently(self._events)
                if isinstance(event, BaseException):
                    raise event
                if event is None:
                    working -= 1
                else:
                    yield event
        finally:
            self._stopped.set()

    def _tell(self, event: Event) -> None:
        self._check()
        self._events.put(event)

    def _check(self) -> None:
        if self._stopped.is_set():
            raise _GivenUp

    def _member(self) -> None:
        try:
            while work := self._next():
                try:
                    work(self._tell)
                finally:
                    self._slots.release()
            self._events.put(None)
        except _GivenUp:
            pass
        except BaseException as fault:  # noqa: BLE001 - raised again where the events are read
            self._events.put(fault)

    def _next(self) -> Work[Event] | None:
        """The next work, once there is a slot for it. Who waits keeps the turn: none overtakes."""
        with self._turn:
            self._check()
            work = next(self._works, None)
            if work:
                self._slots.acquire()
                self._check()
            return work
