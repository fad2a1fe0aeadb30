"""The same work for many items, a few at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from stepcli.errors import StepcliError
from stepcli.tasks.waiting import patiently

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
    waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
    finished: queue.SimpleQueue[Outcome[Item, Result] | BaseException] = queue.SimpleQueue()
    stopped = threading.Event()
    for item in items:
        waiting.put(item)

    def worker() -> None:
        while not stopped.is_set():
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            finished.put(_attempt(item, work))

    for _ in range(min(jobs, len(items))):
        threading.Thread(target=worker, daemon=True).start()
    try:
        for _ in items:
            outcome = patiently(finished)
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        stopped.set()


def _attempt(item: Item, work: Callable[[Item], Result]) -> Outcome[Item, Result] | BaseException:
    try:
        return Outcome(item, work(item), None)
    except StepcliError as failure:
        return Outcome(item, None, failure)
    except BaseException as fault:  # noqa: BLE001 - raised again in the caller's thread
        return fault
