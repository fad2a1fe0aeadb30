"""Calls in worker threads: their results as completed, or as a stream of events."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from stepcli.errors import StepcliError

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")
Event = TypeVar("Event")

POLL_SECONDS = 0.2
"""Longest wait without a look around: some systems deliver Ctrl-C only between waits."""


def get(source: queue.SimpleQueue[T]) -> T:
    """Return the next item of `source`, waiting so that Ctrl-C can interrupt."""
    while True:
        try:
            return source.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue


class WorkerPool:
    """Makes at most `jobs` calls at a time, begun in the order of their submission.

    Unlike those of concurrent.futures.ThreadPoolExecutor, the threads do not keep an interrupted
    program alive until their requests are answered.
    """

    def __init__(self, jobs: int) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._calls = queue.SimpleQueue()
        self._futures: set[Future[Any]] = set()
        self._turn = threading.Lock()
        self._jobs = jobs
        for _ in range(jobs):
            threading.Thread(target=self._work, daemon=True).start()

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """Make `call` when a worker is free."""
        future: Future[Result] = Future()
        with self._turn:
            self._futures.add(future)
        future.add_done_callback(self._forget)
        self._calls.put((future, call))
        return future

    def close(self) -> None:
        """Cancel the calls that have not begun, and let the workers end."""
        for future in self._unfinished():
            future.cancel()
        for _ in range(self._jobs):
            self._calls.put(None)

    def join(self) -> None:
        """Wait until the calls that have begun are over."""
        while futures := self._unfinished():
            wait(futures, timeout=POLL_SECONDS)

    def _work(self) -> None:
        while (item := self._calls.get()) is not None:
            future, call = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call()
            except BaseException as exc:  # noqa: BLE001 - raised again where the result is used
                future.set_exception(exc)
            else:
                future.set_result(result)
            del item, future, call  # so that nothing is kept alive until the next call

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
    items: Sequence[Item], work: Callable[[Item], Result], jobs: int
) -> Iterator[Outcome[Item, Result]]:
    """Yield the outcome of `work` for every item as it comes, with at most `jobs` at a time.

    Closing the iterator cancels what has not begun. Other exceptions than StepcliError are raised.
    """
    pool = WorkerPool(min(jobs, len(items)))
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

    At most `jobs` calls are under way, begun in order, while the next one is prepared. Closing the
    iterator ends each call at the next event it emits. Raises what a call raises.
    """

    def __init__(self, prepare: Prepare[Event], jobs: int) -> None:
        self._prepare = prepare
        self._jobs = jobs
        self._messages: queue.SimpleQueue[Event | _Ended] = queue.SimpleQueue()
        self._free = threading.Semaphore(jobs)
        self._stopped = threading.Event()
        self._turn = threading.Lock()
        self._unfinished = 0

    def __iter__(self) -> Iterator[Event]:
        pool = WorkerPool(self._jobs + 1)
        self._begin(pool, partial(self._lead, pool))
        try:
            while self._unfinished:
                message = get(self._messages)
                if isinstance(message, _Ended):
                    self._end(message)
                else:
                    yield message
        finally:
            self._stopped.set()
            self._free.release()
            pool.close()

    def _lead(self, pool: WorkerPool) -> None:
        """Prepare calls, and begin each when one of the jobs is free for it."""
        for work in self._prepare(self._emit):
            self._free.acquire()
            self._check()
            self._begin(pool, partial(self._run, work))

    def _run(self, work: Work[Event]) -> None:
        self._check()
        work(self._emit)
        self._free.release()

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
