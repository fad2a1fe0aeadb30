"""The same work for many items, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Generic, TypeVar

from stepcli.errors import StepcliError
from stepcli.tasks.crew import Crew, Tell, Work

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
