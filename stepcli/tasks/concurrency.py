"""Work in several threads that report to one, each piece prepared while others are under way."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Generic, TypeVar

from stepcli.errors import StepcliError

T = TypeVar("T")

BLINK = 0.2
"""Seconds after which a wait looks up: some systems deliver Ctrl-C only then."""


def patiently(waiting: queue.SimpleQueue[T]) -> T:
    """The next item, however long it takes."""
    while True:
        try:
            return waiting.get(timeout=BLINK)
        except queue.Empty:
            continue


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


Item = TypeVar("Item")
Result = TypeVar("Result")


class Outcome(Generic[Item, Result]):
    """What became of one item: a result, or the failure that stands in its place."""

    def __init__(self, item: Item, result: Result | None, failure: StepcliError | None) -> None:
        self.item = item
        self.result = result
        self.failure = failure


def each(
    items: Sequence[Item], work: Callable[[Item], Result], jobs: int
) -> Iterator[Outcome[Item, Result]]:
    """Outcomes as they come, at most ``jobs`` items under way; closing stops what has not begun.

    Anything but a StepcliError is a fault of the program and is raised here.
    """

    def attempt(item: Item, tell: Tell[Outcome[Item, Result]]) -> None:
        try:
            outcome = Outcome(item, work(item), None)
        except StepcliError as failure:
            outcome = Outcome(item, None, failure)
        tell(outcome)

    def prepare(_: Tell[Outcome[Item, Result]]) -> Iterator[Work[Outcome[Item, Result]]]:
        return (partial(attempt, item) for item in items)

    return iter(Crew(prepare, min(jobs, len(items))))


class Turn(Generic[Item, Result]):
    """One item and, once it is ``over``, its result or its failure."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.failure: StepcliError | None = None
        self.fault: BaseException | None = None
        self.over = threading.Event()

    def run(self, work: Callable[[Item], Result]) -> None:
        try:
            self.result = work(self.item)
        except StepcliError as failure:
            self.failure = failure
        except BaseException as fault:  # noqa: BLE001 - raised again where the turn is taken
            self.fault = fault
        self.over.set()


class Relay(Generic[Item, Result]):
    """At most ``jobs`` items under way at once. Its threads do not outlive the program."""

    def __init__(self, work: Callable[[Item], Result], jobs: int) -> None:
        self._work = work
        self._waiting: queue.SimpleQueue[Turn[Item, Result]] = queue.SimpleQueue()
        self._turns: deque[Turn[Item, Result]] = deque()
        for _ in range(jobs):
            threading.Thread(target=self._run, daemon=True).start()

    def __len__(self) -> int:
        """How many are not handed on yet."""
        return len(self._turns)

    def send(self, item: Item) -> None:
        turn = Turn[Item, Result](item)
        self._turns.append(turn)
        self._waiting.put(turn)

    def arrived(self) -> Iterator[Turn[Item, Result]]:
        """Those that are over, up to the first that is not. Raises a fault of the program."""
        while self._turns and self._turns[0].over.is_set():
            turn = self._turns.popleft()
            if turn.fault:
                raise turn.fault
            yield turn

    def rest(self) -> Iterator[Turn[Item, Result]]:
        """All that were sent, waiting for them."""
        while self._turns:
            self._turns[0].over.wait(BLINK)
            yield from self.arrived()

    def _run(self) -> None:
        while True:
            self._waiting.get().run(self._work)
