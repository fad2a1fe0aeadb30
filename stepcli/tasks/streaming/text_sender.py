"""Send text, as it is written, to whichever session is open."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Protocol

from stepcli.api.realtime import LONGEST_DELTA
from stepcli.api.service_errors import SessionLost
from stepcli.settings import POLL_SECONDS
from stepcli.tasks.streaming.unconfirmed_text import UnconfirmedText
from stepcli.text.graphemes import split_between_clusters, split_open_cluster

BACKLOG = 256
"""Pieces of text that may wait to be sent before their writer has to wait."""


class TextChannel(Protocol):
    """The sending side of a realtime session. Every method may raise SessionLost."""

    def say(self, text: str) -> None: ...

    def flush(self) -> None: ...

    def done(self) -> None: ...


class TextSender:
    """A thread that sends text at once, and a flush after `flush_after` seconds without text.

    Only this thread sends, so the order of the text is kept. After a loss, the next session first
    gets what the lost one did not confirm as spoken. The public attributes are read from other
    threads: `characters` written so far, `first_text_at` (time.monotonic, None before the first
    words), and the `failure` that ended the text early.
    """

    def __init__(self, unconfirmed: UnconfirmedText, flush_after: float) -> None:
        self.characters = 0
        self.first_text_at: float | None = None
        self.failure: Exception | None = None
        self._unconfirmed = unconfirmed
        self._flush_after = flush_after
        self._inbox: queue.SimpleQueue[str | TextChannel | Exception | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(BACKLOG)
        self._stopping = threading.Lock()
        self._channel: TextChannel | None = None
        self._held = ""
        self._gathering = False
        self._ended = False
        self._done_sent = False
        self._stopped = False
        self._session_needed = threading.Event()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._run, name="text-sender", daemon=True)

    def write(self, text: str) -> bool:
        """Append `text`; wait while BACKLOG pieces are waiting. Return False once stopped."""
        self._room.acquire()
        with self._stopping:
            if not self._stopped:
                self._inbox.put(text)
            return not self._stopped

    def end(self, failure: Exception | None = None) -> None:
        """End the text; `failure` is the reason if it ended early."""
        self._inbox.put(failure)

    def start(self) -> None:
        """Start sending. A session is needed at once, to be open when the first words arrive."""
        self._session_needed.set()
        self._thread.start()

    def stop(self) -> None:
        """Stop sending and accept no more text; the session must be closed."""
        with self._stopping:
            self._stopped = True
        self._room.release()
        self._inbox.put("")
        self._thread.join(1)

    def unsent(self) -> str:
        """Return the text that was written but, when sending stopped, not sent."""
        texts = [self._held]
        with suppress(queue.Empty):
            while True:
                item = self._inbox.get_nowait()
                texts += [item] if isinstance(item, str) else []
        return "".join(texts)

    def attach(self, channel: TextChannel) -> None:
        """Send to `channel` from now on, beginning with the unconfirmed text."""
        self._inbox.put(channel)

    def wait_for_need(self) -> bool:
        """Wait until a session is needed; return False once none will be."""
        while not (self.finished or self._session_needed.wait(POLL_SECONDS)):
            pass
        return not self.finished

    @property
    def finished(self) -> bool:
        """Whether the text has ended and all of it was spoken."""
        return self._finished.is_set()

    @property
    def ended(self) -> bool:
        """Whether the text has ended and all of it was sent."""
        return self._ended

    @property
    def awaits_finish(self) -> bool:
        """Whether the end of the text was sent to the open session."""
        return self._done_sent

    def session_lost(self) -> None:
        """Note that the session is gone; another is needed if text remains to be spoken."""
        if self._unconfirmed.owed or (self._ended and self._unconfirmed.pending):
            self._session_needed.set()
        elif self._ended:
            self.finish()

    def finish(self) -> None:
        """Note that everything was spoken."""
        self._finished.set()
        self._session_needed.set()

    def _run(self) -> None:
        try:
            item = self._next()
            while not self._stopped:
                self._handle(item)
                item = self._next()
            if isinstance(item, str):
                self._held += item
        except Exception as exc:  # noqa: BLE001 - raised again in the receiving thread
            self.failure = exc
            self.finish()

    def _next(self) -> str | TextChannel | Exception | None:
        """Return the next item, or empty text when no text has come for `flush_after` seconds."""
        try:
            return self._inbox.get(timeout=self._flush_after if self._gathering else None)
        except queue.Empty:
            return ""

    def _handle(self, item: str | TextChannel | Exception | None) -> None:
        match item:
            case "":
                self._flush()
            case str():
                self._room.release()
                self._take_text(item)
            case None | Exception():
                self.failure = item
                self._end()
            case _:
                self._resume(item)

    def _take_text(self, text: str) -> None:
        self.characters += len(text)
        text = self._held + text
        if self.first_text_at is None and not text.strip():
            self._held = text
            return
        self.first_text_at = self.first_text_at or monotonic()
        text, self._held = split_open_cluster(text)
        self._gathering = self._gathering or bool(text.strip() or self._held)
        self._send_text(text)

    def _send_text(self, text: str) -> None:
        self._unconfirmed.add(text)
        self._send(lambda channel: _say(channel, text))

    def _flush(self) -> None:
        self._send_held()
        self._unconfirmed.request()
        self._gathering = False
        self._send(lambda channel: channel.flush())

    def _end(self) -> None:
        if self.first_text_at is None:
            return self.finish()
        self._send_held()
        self._unconfirmed.request()
        self._ended, self._gathering = True, False
        return self._send(self._send_done)

    def _resume(self, channel: TextChannel) -> None:
        self._channel = channel
        self._done_sent = False
        self._session_needed.clear()
        due, gathering = self._unconfirmed.to_resend()
        self._send(lambda channel: _say(channel, due))
        if due and not self._ended:
            self._send(lambda channel: channel.flush())
        self._send(lambda channel: _say(channel, gathering))
        if self._ended:
            self._send(self._send_done)

    def _send_done(self, channel: TextChannel) -> None:
        channel.done()
        self._done_sent = True

    def _send_held(self) -> None:
        """Send a last cluster that no more text extended."""
        held, self._held = self._held, ""
        self._send_text(held)

    def _send(self, action: Callable[[TextChannel], None]) -> None:
        """Act on the open session; without one, or if it is lost, another is needed."""
        try:
            if self._channel is not None:
                return action(self._channel)
        except SessionLost:
            self._channel = None
        if self._ended and not self._unconfirmed.pending:
            return self.finish()
        return self._session_needed.set()


def _say(channel: TextChannel, text: str) -> None:
    for piece in split_between_clusters(text, LONGEST_DELTA):
        channel.say(piece)
