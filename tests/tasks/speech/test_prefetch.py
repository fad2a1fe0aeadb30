"""Requests made ahead: order, bounds, repetition of one part, and what is kept of a failure."""

from __future__ import annotations

import io
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.errors import NetworkError, QuotaError
from stepcli.tasks.speech.prefetch import Ahead


class Part(io.BytesIO):
    """Grows in memory."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self.size = len(data)
        self.lock = threading.Lock()
        self.finished = bool(data)

    def write(self, data: bytes) -> None:  # type: ignore[override]
        with self.lock:
            self.seek(self.size)
            self.size += super().write(data)

    def read(self, position: int, size: int) -> bytes:  # type: ignore[override]
        with self.lock:
            self.seek(position)
            return super().read(size)

    def finish(self) -> None:
        self.finished = True

    def close(self) -> None:
        """It is looked at later."""


class Shelf(dict[int, Part]):
    """Keeps parts in memory."""

    def load(self, number: int) -> Part | None:
        return self.get(number)

    def begin(self, number: int) -> Part:
        self[number] = Part()
        return self[number]

    @property
    def finished(self) -> dict[int, bytes]:
        return {number: part.getvalue() for number, part in self.items() if part.finished}


class Service:
    """Speaks a request as its text's bytes, and counts what is under way."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.under_way = self.most = 0
        self.lock = threading.Lock()
        self.cuts: dict[str, list[int]] = {}
        self.refused: set[str] = set()

    @contextmanager
    def speak(self, request: SpeechRequest) -> Iterator[Iterator[bytes]]:
        with self.lock:
            self.asked.append(request.text)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            if request.text in self.refused:
                raise QuotaError("no credit")
            yield self._sound(request.text)
        finally:
            with self.lock:
                self.under_way -= 1

    def _sound(self, text: str) -> Iterator[bytes]:
        cuts = self.cuts.get(text, [])
        end = cuts.pop(0) if cuts else None
        for character in text.encode()[:end]:
            time.sleep(0.0005)
            yield bytes([character])
        if end is not None:
            raise NetworkError("cut")


def _requests(*texts: str) -> list[SpeechRequest]:
    return [SpeechRequest(text) for text in texts]


TEXTS = [f"part {number:02d}." for number in range(12)]


@pytest.mark.parametrize("jobs", [1, 2, 5, 40])
def test_in_order_and_never_more_than_jobs(jobs: int) -> None:
    """The sound is the parts joined in order, with at most ``jobs`` requests at once."""
    service, shelf = Service(), Shelf()
    ahead = Ahead(_requests(*TEXTS), service.speak, shelf, jobs=jobs)
    assert b"".join(ahead) == "".join(TEXTS).encode()
    assert service.most <= jobs
    assert ahead.finished == len(TEXTS)
    assert shelf.finished == {number: text.encode() for number, text in enumerate(TEXTS)}


def test_workers_wait_for_the_reader() -> None:
    """A reader that does not read stops the requests: memory does not grow with the text."""
    service = Service()
    sound = iter(Ahead(_requests(*TEXTS), service.speak, Shelf(), jobs=2))
    next(sound)
    time.sleep(0.3)
    assert len(service.asked) <= 4
    assert len(b"".join(sound)) == len("".join(TEXTS)) - 2


def test_a_cut_part_goes_on_where_it_stopped() -> None:
    """A part that is cut off twice is asked for alone, and nothing is heard twice or missing."""
    service = Service()
    service.cuts = {TEXTS[3]: [4, 6]}
    sound = Ahead(_requests(*TEXTS), service.speak, Shelf(), jobs=2, retries=2)
    assert b"".join(sound) == "".join(TEXTS).encode()
    assert service.asked.count(TEXTS[3]) == 3
    assert len(service.asked) == len(TEXTS) + 2


@pytest.mark.parametrize(("status", "asked"), [(503, 1), (None, 3)])
def test_what_the_service_answered_is_not_asked_for_again(status: int | None, asked: int) -> None:
    """It has been, as often as that is allowed: what is repeated here is what was cut off."""
    service = Service()

    @contextmanager
    def speak(request: SpeechRequest) -> Iterator[Iterator[bytes]]:
        service.asked.append(request.text)
        raise NetworkError("failed", status=status)
        yield

    with pytest.raises(NetworkError):
        list(Ahead(_requests(TEXTS[0]), speak, Shelf(), jobs=1, retries=2))
    assert len(service.asked) == asked


def test_failure_for_good_keeps_what_is_complete() -> None:
    """What came before, and what was on its way, is kept; nothing new is asked."""
    service, shelf = Service(), Shelf()
    service.refused = {TEXTS[2]}
    heard: list[bytes] = []
    with pytest.raises(QuotaError):
        heard.extend(Ahead(_requests(*TEXTS), service.speak, shelf, jobs=2))
    assert b"".join(heard) == "".join(TEXTS[:2]).encode()
    assert {0, 1} <= set(shelf.finished)
    assert 2 not in shelf.finished
    assert len(service.asked) < len(TEXTS)
    assert service.under_way == 0


def test_kept_parts_are_not_asked_again() -> None:
    """The next run asks only for what is missing and sounds the same."""
    service, shelf = Service(), Shelf({number: Part(TEXTS[number].encode()) for number in (0, 2)})
    sound = Ahead(_requests(*TEXTS[:4]), service.speak, shelf, jobs=1)
    assert b"".join(sound) == "".join(TEXTS[:4]).encode()
    assert service.asked == [TEXTS[1], TEXTS[3]]


def test_parts_join_on_whole_samples() -> None:
    """Half a sample at a part's end is dropped rather than shifting all that follows."""
    sound = Ahead(_requests("abc", "defg"), Service().speak, Shelf(), jobs=1)
    assert b"".join(sound) == b"abdefg"


def test_an_abandoned_reader_leaves_no_work_behind() -> None:
    """Closing the stream stops the workers."""
    service = Service()
    ahead = Ahead(_requests(*TEXTS), service.speak, Shelf(), jobs=2)
    sound = iter(ahead)
    next(sound)
    sound.close()  # type: ignore[attr-defined] # a generator
    ahead.settle()
    assert len(service.asked) < len(TEXTS)
    assert service.under_way == 0


def test_what_has_been_heard_is_let_go() -> None:
    """However long the text, only what is under way or ahead is held."""

    class Forgetful(Shelf):
        """Holds no part itself, and counts those that somebody holds."""

        def __init__(self) -> None:
            super().__init__()
            self.alive: weakref.WeakSet[Part] = weakref.WeakSet()

        def begin(self, number: int) -> Part:  # noqa: ARG002 - all are alike
            part = Part()
            self.alive.add(part)
            return part

    shelf, most = Forgetful(), 0
    for _ in Ahead([SpeechRequest("ab")] * 40, Service().speak, shelf, jobs=2):
        most = max(most, len(shelf.alive))
    assert 1 <= most <= 8
