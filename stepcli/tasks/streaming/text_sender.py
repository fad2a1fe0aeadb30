"""Types what is being written into whichever session is open."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Protocol

from stepcli.api.error_mapping import SessionLost
from stepcli.api.realtime import LONGEST_DELTA
from stepcli.tasks.concurrency import BLINK
from stepcli.tasks.streaming.unconfirmed_text import Unspoken
from stepcli.text.graphemes import complete, pieces

BACKLOG = 256
"""Pieces of text that may wait to be typed before whoever writes has to."""


class Line(Protocol):
    """Where text goes: what a realtime session takes. Each may raise SessionLost."""

    def say(self, text: str) -> None: ...

    def flush(self) -> None: ...

    def done(self) -> None: ...


class Typist:
    """A thread that sends text the moment it is there, and a flush when the writer pauses.

    It alone sends, so nothing overtakes anything: after a loss the new session gets first what
    the old one left unspoken. ``flush_after`` is the pause in seconds.
    """

    def __init__(self, unspoken: Unspoken, flush_after: float) -> None:
        self.characters = 0
        self.began: float | None = None
        self.failure: Exception | None = None
        self._unspoken = unspoken
        self._flush_after = flush_after
        self._inbox: queue.Queue[str | Line | Exception | None] = queue.Queue(BACKLOG)
        self._line: Line | None = None
        self._held = ""
        self._gathering = False
        self._ended = False
        self._stopped = False
        self._wanted = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="typist", daemon=True)

    def write(self, text: str) -> None:
        """``text`` comes next. Waits where much waits already."""
        self._inbox.put(text)

    def end(self, failure: Exception | None = None) -> None:
        """No more text comes; ``failure`` is why, if that is not the end of it."""
        self._inbox.put(failure)

    def start(self) -> None:
        """Begin. A session is wanted at once: by the first words it should be open."""
        self._wanted.set()
        self._thread.start()

    def stop(self) -> None:
        """Type no more, whatever still waits. Its session must be closed by now."""
        self._stopped = True
        with suppress(queue.Full):
            self._inbox.put_nowait("")
        self._thread.join(1)

    def untyped(self) -> str:
        """What was written and, when it was stopped, not yet typed."""
        texts = [self._held]
        with suppress(queue.Empty):
            while True:
                item = self._inbox.get_nowait()
                texts += [item] if isinstance(item, str) else []
        return "".join(texts)

    def take(self, line: Line) -> None:
        """A new session to type into, beginning with what is unspoken."""
        self._inbox.put(line)

    def wants_line(self) -> bool:
        """Wait until there is something to type and no session; False once all is spoken."""
        while not (self.over or self._wanted.wait(BLINK)):
            pass
        return not self.over

    @property
    def over(self) -> bool:
        """Whether everything that was written is spoken, and nothing more comes."""
        return self._over.is_set()

    @property
    def ended(self) -> bool:
        """Whether everything that was written is typed, and nothing more comes."""
        return self._ended

    def lost(self) -> None:
        """Its session is gone. What the service still owes is a reason to want a new one."""
        if self._unspoken.owed:
            self._wanted.set()
        elif self._ended:
            self.finished()

    def finished(self) -> None:
        """Everything was spoken."""
        self._over.set()
        self._wanted.set()

    def _run(self) -> None:
        try:
            item = self._next()
            while not self._stopped:
                self._handle(item)
                item = self._next()
        except Exception as exc:  # noqa: BLE001 - whatever it is, who listens must hear of it
            self.failure = exc
            self.finished()

    def _next(self) -> str | Line | Exception | None:
        """What to do next; empty text when the writer has paused for long enough."""
        try:
            return self._inbox.get(timeout=self._flush_after if self._gathering else None)
        except queue.Empty:
            return ""

    def _handle(self, item: str | Line | Exception | None) -> None:
        match item:
            case "":
                self._flush()
            case str():
                self._type(item)
            case None | Exception():
                self.failure = item
                self._end()
            case _:
                self._resume(item)

    def _type(self, text: str) -> None:
        self.characters += len(text)
        text = self._held + text
        if self.began is None and not text.strip():
            self._held = text
            return
        self.began = self.began or monotonic()
        text, self._held = complete(text)
        self._gathering = self._gathering or bool(text.strip() or self._held)
        self._say(text)

    def _say(self, text: str) -> None:
        self._unspoken.add(text)
        self._send(lambda line: _say(line, text))

    def _flush(self) -> None:
        self._release()
        self._unspoken.ask()
        self._gathering = False
        self._send(lambda line: line.flush())

    def _end(self) -> None:
        if self.began is None:
            return self.finished()
        self._release()
        self._unspoken.ask()
        self._ended, self._gathering = True, False
        return self._send(lambda line: line.done())

    def _resume(self, line: Line) -> None:
        self._line = line
        self._wanted.clear()
        due, gathering = self._unspoken.again()
        self._send(lambda line: _say(line, due))
        if due and not self._ended:
            self._send(lambda line: line.flush())
        self._send(lambda line: _say(line, gathering))
        if self._ended:
            self._send(lambda line: line.done())

    def _release(self) -> None:
        """What might have become part of a longer character did not."""
        held, self._held = self._held, ""
        self._say(held)

    def _send(self, action: Callable[[Line], None]) -> None:
        """Do it to the open session; without one, or if it is lost over it, another is wanted."""
        try:
            if self._line is not None:
                return action(self._line)
        except SessionLost:
            self._line = None
        if self._ended and not self._unspoken.pending:
            return self.finished()
        return self._wanted.set()


def _say(line: Line, text: str) -> None:
    for piece in pieces(text, LONGEST_DELTA):
        line.say(piece)
