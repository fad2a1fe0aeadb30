"""Calls in worker threads: their results as completed, or as a stream of events."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from stepcli.errors import StepcliError
from stepcli.settings import POLL_SECONDS
from stepcli.tasks.adaptive_limit import AdaptiveLimit

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")
Event = TypeVar("Event")


def get(source: queue.SimpleQueue[T]) -> T:
    """Return the next item of `source`, waiting so that Ctrl-C can interrupt."""
    while True:
        try:
            return source.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue


class WorkerPool:
    """Makes calls at a time as `limit` allows, begun in the order of their submission.

    Without a limit it makes one call at a time, which belongs to the call that submits it.

    Unlike those of concurrent.futures.ThreadPoolExecutor, the threads do not keep an interrupted
    program alive until their requests are answered.
    """

    def __init__(self, limit: AdaptiveLimit | None = None) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._calls = queue.SimpleQueue()
        self._futures: set[Future[Any]] = set()
        self._turn = threading.Lock()
        self._order = threading.Lock()
        self._limit = limit
        self._threads = 0

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """Make `call` when the limit allows."""
        future: Future[Result] = Future()
        with self._turn:
            self._futures.add(future)
            if self._threads < min(len(self._futures), self._limit.most if self._limit else 1):
                self._threads += 1
                threading.Thread(target=self._work, daemon=True).start()
        future.add_done_callback(self._forget)
        self._calls.put((future, partial(copy_context().run, call) if not self._limit else call))
        return future

    def close(self) -> None:
        """Cancel the calls that have not begun, and let the workers end."""
        for future in self._unfinished():
            future.cancel()
        with self._turn:
            for _ in range(self._threads):
                self._calls.put(None)

    def join(self) -> None:
        """Wait until the calls that have begun are over."""
        while futures := self._unfinished():
            wait(futures, timeout=POLL_SECONDS)

    def _work(self) -> None:
        while (item := self._next()) is not None:
            future, call = item
            try:
                self._make(future, call)
            finally:
                if self._limit:
                    self._limit.release()
            del item, future, call  # so that nothing is kept alive until the next call

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        """Wait for a call and until it may begin. One worker at a time waits, to keep the order."""
        with self._order:
            item = self._calls.get()
            if item is not None and self._limit:
                self._limit.acquire()
            return item

    def _make(self, future: Future[Any], call: Callable[[], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = call()
        except BaseException as exc:  # noqa: BLE001 - raised again where the result is used
            future.set_exception(exc)
        else:
            future.set_result(result)

    def _unfinished(self) -> list[Future[Any]]:
        with self._turn:
            return list(self._futures)

    def _forget(self, future: Future[Any]) -> None:
        with self._turn:
            self._futures.discard(future)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Item, Result]):
    """What became of `item`: a result, or the failure in its place."""

    item: Item
    result: Result | None
    failure: StepcliError | None

    @classmethod
    def of(cls, item: Item, future: Future[Result]) -> Outcome[Item, Result]:
        """Return the outcome of a call that is over; raise any other exception."""
        failure = future.exception()
        if isinstance(failure, StepcliError):
            return cls(item, None, failure)
        return cls(item, future.result(), None)


def as_completed(
    items: Sequence[Item], work: Callable[[Item], Result], limit: AdaptiveLimit
) -> Iterator[Outcome[Item, Result]]:
    """Yield the outcome of `work` for every item as it comes, at a time as many as `limit` allows.

    Closing the iterator cancels what has not begun. Other exceptions than StepcliError are raised.
    """
    pool = WorkerPool(limit)
    completed: queue.SimpleQueue[tuple[Item, Future[Result]]] = queue.SimpleQueue()

    def completes(item: Item) -> Callable[[Future[Result]], None]:
        return lambda future: completed.put((item, future))

    try:
        for item in items:
            pool.submit(partial(work, item)).add_done_callback(completes(item))
        for _ in items:
            yield Outcome.of(*get(completed))
    finally:
        pool.close()


Emit = Callable[[Event], None]
Work = Callable[[Emit[Event]], None]
Prepare = Callable[[Emit[Event]], Iterator[Work[Event]]]


class _Cancelled(BaseException):
    """Ends a call whose events are not read any more."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """A call is over; `failure` is what it raised."""

    failure: BaseException | None


class EventStream(Generic[Event]):
    """Iterates over the events that `prepare`, and the calls it yields, emit.

    As many calls are under way as `limit` allows, begun in order, while the next one is prepared.
    Closing the iterator ends each call at the next event it emits. Raises what a call raises.
    """

    def __init__(self, prepare: Prepare[Event], limit: AdaptiveLimit) -> None:
        self._prepare = prepare
        self._limit = limit
        self._messages: queue.SimpleQueue[Event | _Ended] = queue.SimpleQueue()
        self._begun = threading.Semaphore(0)
        self._stopped = threading.Event()
        self._turn = threading.Lock()
        self._unfinished = 0

    def __iter__(self) -> Iterator[Event]:
        leader, pool = WorkerPool(), WorkerPool(self._limit)
        self._begin(leader, partial(self._lead, pool))
        try:
            while self._unfinished:
                message = get(self._messages)
                if isinstance(message, _Ended):
                    self._end(message)
                else:
                    yield message
        finally:
            self._stopped.set()
            self._begun.release()
            leader.close()
            pool.close()

    def _lead(self, pool: WorkerPool) -> None:
        """Prepare calls; prepare the next one when the last one has begun."""
        for work in self._prepare(self._emit):
            self._check()
            self._begin(pool, partial(self._run, work))
            self._begun.acquire()

    def _run(self, work: Work[Event]) -> None:
        self._begun.release()
        self._check()
        work(self._emit)

    def _begin(self, pool: WorkerPool, call: Callable[[], None]) -> None:
        with self._turn:
            self._unfinished += 1
        pool.submit(call).add_done_callback(self._report_end)

    def _report_end(self, future: Future[None]) -> None:
        if not future.cancelled():
            self._messages.put(_Ended(future.exception()))

    def _end(self, message: _Ended) -> None:
        if message.failure is not None:
            raise message.failure
        with self._turn:
            self._unfinished -= 1

    def _emit(self, event: Event) -> None:
        self._check()
        self._messages.put(event)

    def _check(self) -> None:
        if self._stopped.is_set():
            raise _Cancelled
