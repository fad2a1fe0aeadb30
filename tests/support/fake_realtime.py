"""A realtime service in memory, whose sessions are lost where a test says so."""

from __future__ import annotations

import queue
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from stepcli.api.realtime import (
    AudioReceived,
    Event,
    Flushed,
    SentenceEnded,
    SentenceStarted,
    SessionFinished,
)
from stepcli.api.service_errors import SessionLost
from stepcli.errors import NetworkError

CUT = NetworkError("the connection was cut")


class FakeRealtimeService:
    """Opens one session after another; each is lost after the number of events in `cuts`."""

    def __init__(self, *cuts: int | None) -> None:
        self.sessions: list[FakeSession] = []
        self._cuts = iter(cuts)

    @property
    def received(self) -> list[str]:
        """The text that each session received."""
        return ["".join(session.texts) for session in self.sessions]

    @contextmanager
    def open(self) -> Iterator[FakeSession]:
        session = FakeSession(next(self._cuts, None))
        self.sessions.append(session)
        try:
            yield session
        finally:
            session.closed = True


@dataclass
class FakeSession:
    """A session in which each character of a sentence sounds as two bytes, its code point."""

    cut_after: int | None
    session_id: str = "session-1"
    closed: bool = False
    texts: list[str] = field(default_factory=list)
    flushes: int = 0
    _held: str = ""
    _events: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue)

    def say(self, text: str) -> None:
        self._check()
        self.texts.append(text)
        self._held += text
        while found := re.match(r"[^.!?]*[.!?]", self._held):
            self._held = self._held[found.end() :]
            self._speak(found[0])

    def flush(self) -> None:
        self._check()
        self.flushes += 1
        self._events.put(Flushed())
        self._rest()

    def done(self) -> None:
        self._check()
        self._rest()
        self._events.put(SessionFinished(b""))

    def receive(self, timeout: float) -> Event | None:
        if self.cut_after is not None and self.cut_after <= 0:
            raise SessionLost(CUT)
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return None
        if self.cut_after is not None:
            self.cut_after -= 1
        return event

    def hang_up(self) -> None:
        """End the session as the service ends an idle one."""
        self.cut_after = 0

    def _check(self) -> None:
        if self.closed:
            raise SessionLost(CUT)

    def _rest(self) -> None:
        rest, self._held = self._held, ""
        if rest.strip():
            self._speak(rest)

    def _speak(self, sentence: str) -> None:
        self._events.put(SentenceStarted(sentence))
        for half in (sentence[: len(sentence) // 2], sentence[len(sentence) // 2 :]):
            if half:
                self._events.put(AudioReceived(half.encode("utf-16-le")))
        self._events.put(SentenceEnded(sentence))
