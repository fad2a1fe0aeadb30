"""How many calls at a time: growth, refusals, ceilings, and what is remembered."""

from __future__ import annotations

import heapq
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from stepcli.tasks.adaptive_limit import AdaptiveLimit, remembered_limit
from stepcli.tasks.concurrency import WorkerPool

BACKOFF = 0.5
RETRIES = 3


@dataclass
class Simulation:
    """A service that answers after a second and refuses more than `accepted(now)` calls at a time.

    Time is simulated: calls are contexts instead of threads, which begin, end and wait in order.
    """

    accepted: Callable[[float], int]
    retry_after: float = 0.0
    now: float = 0.0
    refused: int = 0
    most_refusals: int = 0
    most_at_once: int = 0
    _active: int = 0
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _waiting: deque[Callable[[], None]] = field(default_factory=deque)
    _paused_until: float = 0.0

    def run(self, calls: int, limit: AdaptiveLimit | None = None) -> float:
        """Make `calls` and return the seconds they took."""
        self.limit = limit or AdaptiveLimit(start=2, clock=lambda: self.now)
        left, begun = calls, self.now
        while True:
            while self._may_begin and (self._waiting or left):
                if self._waiting:
                    self._waiting.popleft()()
                else:
                    left -= 1
                    context = Context()
                    context.run(self.limit.acquire)
                    self._send(context, 0)
            if not self._events:
                assert not left
                return self.now - begun
            self.now, _, event = heapq.heappop(self._events)
            event()

    @property
    def _may_begin(self) -> bool:
        return self.limit.has_room and self.now >= self._paused_until

    def _send(self, context: Context, refusals: int) -> None:
        if self._active >= self.accepted(self.now):
            self.refused += 1
            self.most_refusals = max(self.most_refusals, refusals + 1)
            context.run(self.limit.refused, self.retry_after)
            self._paused_until = self.now + self.retry_after
            resume = partial(self._resume, context, refusals + 1)
            self._at(self.retry_after or BACKOFF, lambda: self._waiting.append(resume))
            return
        self._active += 1
        self.most_at_once = max(self.most_at_once, self._active)
        self._at(1.0, partial(self._answer, context))

    def _resume(self, context: Context, refusals: int) -> None:
        context.run(self.limit.resume)
        self._send(context, refusals)

    def _answer(self, context: Context) -> None:
        self._active -= 1
        self.limit.succeeded()
        context.run(self.limit.release)

    def _at(self, seconds: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._numbers), event))


@pytest.mark.parametrize("retry_after", [0.0, 1.0])
@pytest.mark.parametrize(("accepted", "factor"), [(1, 1.05), (5, 1.15), (12, 1.6), (15, 1.75)])
def test_constant_limit_is_found(accepted: int, factor: float, retry_after: float) -> None:
    """The time for 53 parts is near the ideal, and hardly any request is refused."""
    service = Simulation(lambda _: accepted, retry_after)
    assert service.run(53) <= factor * 53 / accepted
    assert service.refused <= 53 / 15
    assert service.most_at_once <= accepted


def test_limit_is_never_exceeded_however_much_is_accepted() -> None:
    service = Simulation(lambda _: 100)
    service.run(200)
    assert service.most_at_once == 16


@pytest.mark.parametrize("retry_after", [0.0, 1.0])
@pytest.mark.parametrize("change", [(2, 12), (12, 2), (15, 1), (5, 15)])
def test_changed_limit_is_followed(change: tuple[int, int], retry_after: float) -> None:
    """No request is refused more often than the client retries it."""
    before, after = change
    service = Simulation(lambda now: before if now < 5 else after, retry_after)
    assert service.run(150) <= 2 * (5 + (150 - 5 * before) / after)
    assert service.most_refusals <= RETRIES


@pytest.mark.parametrize("accepted", [1, 3, 5])
def test_burst_at_a_limit_that_fell_since_the_last_run_loses_no_request(accepted: int) -> None:
    service = Simulation(lambda _: accepted, 1.0)
    service.run(60, AdaptiveLimit(start=16, ceiling=16, clock=lambda: service.now))
    assert service.most_refusals <= RETRIES


def test_call_that_is_refused_again_lowers_the_limit_further() -> None:
    limit = AdaptiveLimit(16)
    contexts = [Context() for _ in range(16)]
    for context in contexts:
        context.run(limit.acquire)
    contexts[0].run(limit.refused, 0.0)
    for context in contexts[8:]:
        context.run(limit.release)
    contexts[0].run(limit.resume)
    contexts[0].run(limit.refused, 0.0)
    for context in contexts[2:8]:
        context.run(limit.release)
    assert limit.has_room
    contexts[0].run(limit.resume)
    assert not limit.has_room


def test_refusal_of_a_request_that_was_alone_says_nothing_about_requests_at_a_time() -> None:
    limit, context = AdaptiveLimit(start=2), Context()
    context.run(limit.acquire)
    assert context.run(limit.refused, 0.0)
    assert limit.ceiling is None


def test_limit_grows_no_further_than_it_is_used() -> None:
    limit, context = AdaptiveLimit(start=2), Context()
    for _ in range(20):
        context.run(limit.acquire)
        limit.succeeded()
        context.run(limit.release)
    assert limit.proven == 2


def test_refused_call_resumes_before_a_new_one_begins() -> None:
    limit, order = AdaptiveLimit(1), list[str]()
    first, second = Context(), Context()
    first.run(limit.acquire)
    first.run(limit.refused, 0.0)
    second.run(limit.acquire)

    def resume() -> None:
        first.run(limit.resume)
        order.append("resumed")
        first.run(limit.release)

    def begin() -> None:
        limit.acquire()
        order.append("new")

    threads = [threading.Thread(target=call, daemon=True) for call in (resume, begin)]
    threads[0].start()
    while not limit.is_resuming:
        time.sleep(0)
    threads[1].start()
    second.run(limit.release)
    for thread in threads:
        thread.join(20)
    assert order == ["resumed", "new"]


def test_pool_without_a_limit_uses_the_slot_of_the_call_that_submits() -> None:
    """A refused part of a batch line gives the slot of its line to another line."""
    limit = AdaptiveLimit(1)

    def part() -> bool:
        alone = limit.refused(0.0)
        room = limit.has_room
        limit.resume()
        return alone and room and not limit.has_room

    outer = WorkerPool(limit)
    assert outer.submit(lambda: WorkerPool().submit(part).result(20)).result(20)
    outer.close()
    outer.join()


def test_slot_of_another_limit_is_left_alone() -> None:
    """Interim results have a limit of their own, but the client reports to that of the run."""
    run, interim = AdaptiveLimit(2), AdaptiveLimit(1)
    first, second = Context(), Context()
    first.run(run.acquire)
    second.run(interim.acquire)
    second.run(run.refused, 0.0)
    second.run(run.resume)
    assert not interim.has_room
    assert not run.has_room  # one is under way, and the limit was halved
    first.run(run.release)
    assert run.has_room


def learn(directory: Path, accepted: int, jobs: int | None = None, key: str = "secret") -> float:
    """Simulate a run; return its seconds."""
    service = Simulation(lambda _: accepted)
    with remembered_limit(directory, "api.example", key, jobs) as limit:
        return service.run(60, limit)


def test_next_run_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    assert learn(tmp_path, 12) > 6
    assert learn(tmp_path, 12) == 5


def test_other_keys_and_services_begin_anew(tmp_path: Path) -> None:
    learn(tmp_path, 12)
    assert learn(tmp_path, 12, key="other") > 6


def test_key_is_not_written(tmp_path: Path) -> None:
    learn(tmp_path, 12)
    (path,) = tmp_path.iterdir()
    assert "secret" not in path.name + path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_learned_is_forgotten_after_a_day(tmp_path: Path) -> None:
    learn(tmp_path, 12)
    (path,) = tmp_path.iterdir()
    os.utime(path, (0, time.time() - 24 * 3600 - 60))
    assert learn(tmp_path, 12) > 6


def test_number_is_an_upper_bound_for_what_is_remembered(tmp_path: Path) -> None:
    learn(tmp_path, 12)
    with remembered_limit(tmp_path, "api.example", "secret", 3) as limit:
        service = Simulation(lambda _: 12)
        service.run(60, limit)
    assert service.most_at_once == 3
    assert learn(tmp_path, 12) == 5


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"[", b"[99, 99]", b"[0, null]", b'{"a": 1}', b"[1e9]"]
)
def test_unusable_memory_is_ignored(tmp_path: Path, content: bytes) -> None:
    learn(tmp_path, 12)
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    with remembered_limit(tmp_path, "api.example", "secret", None) as limit:
        assert 1 <= limit.proven <= 16


def test_unwritable_memory_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    learn(tmp_path / "file", 12)
