"""Work that comes bit by bit, done side by side, handed on in the order it came."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from stepcli.errors import StepcliError
from stepcli.tasks.waiting import BLINK

Item = TypeVar("Item")
Result = TypeVar("Result")


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
