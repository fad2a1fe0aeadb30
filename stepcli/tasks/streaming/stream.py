"""Speak text while it is being written, over as many realtime sessions as that takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Protocol

from stepcli.api.realtime import (
    AudioReceived,
    Event,
    SentenceEnded,
    SentenceStarted,
    SessionFinished,
    WordTimesReceived,
)
from stepcli.api.retry import delay_after
from stepcli.api.service_errors import SessionLost
from stepcli.api.time_limit import TimeLimit
from stepcli.api.transport_errors import silence
from stepcli.audio_types import Sink
from stepcli.errors import NetworkError, StepcliError, UsageError
from stepcli.settings import POLL_SECONDS
from stepcli.tasks.streaming.sentence_output import SentenceOutput
from stepcli.tasks.streaming.session_texts import SessionTexts
from stepcli.tasks.streaming.text_sender import TextChannel, TextSender
from stepcli.tasks.streaming.unconfirmed_text import UnconfirmedText
from stepcli.tasks.streaming.word_times import StreamWordTimes


class Session(TextChannel, Protocol):
    """An open realtime session."""

    @property
    def session_id(self) -> str | None: ...

    def receive(self, timeout: float) -> Event | None:
        """Return the next event, or None if none comes within `timeout` seconds."""


OpenSession = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The waiting times, in seconds, and the number of retries.

    `timeout` is the longest silence of the service while it owes sound, `flush_after` the pause
    in the text that flushes, `retries` the number of losses in a row with no text spoken between.
    """

    timeout: float
    retries: int
    flush_after: float


@dataclass(slots=True)
class StreamResult:
    """What was spoken.

    `first_audio_ms` counts from the first words to the first sound. `texts` is the number of texts
    and parts of long ones, each of which begins a session. `unspoken` is text that was read and not
    confirmed as spoken.
    """

    first_audio_ms: int | None = None
    sentences: int = 0
    characters: int = 0
    sessions: int = 0
    texts: int = 0
    unspoken: str = ""

    @property
    def reconnects(self) -> int:
        return max(0, self.sessions - self.texts)


@dataclass(frozen=True, slots=True)
class StreamSpeaker:
    """Speaks one text after another to one output; `result` and `word_times` cover all of them.

    `notify` receives a sentence about every reconnection.
    """

    open_session: OpenSession
    output: SentenceOutput
    settings: StreamSettings
    notify: Callable[[str], None]
    result: StreamResult = field(default_factory=StreamResult)
    word_times: StreamWordTimes = field(default_factory=StreamWordTimes)

    def speak(self, texts: Iterable[str], live: Sequence[Sink] = ()) -> None:
        """Speak `texts` as they come, to `live` sinks and the output, until all is spoken.

        A session that ends while nothing is owed, as an idle one does, is replaced when more text
        comes. One that is lost earlier is replaced at once, after a growing pause, and the next
        one continues after the last complete sentence. A long text is divided among sessions.

        Raises UsageError for text that is blank or cannot be read, after what came before it was
        spoken; NetworkError for a session that ends without confirming the end of the audio; and
        the errors of sessions and sinks.
        """
        self.output.live = live
        session_texts = SessionTexts(texts)
        try:
            for number, session_text in enumerate(session_texts):
                self.result.texts += 1
                if not self._speak(session_text, session_texts.settled) and number == 0:
                    raise UsageError("the text is blank")
                self.output.pause()
        except BaseException:
            self.output.live = ()
            self.output.discard_sentence()
            raise
        finally:
            session_texts.settled.wait(1)
            self.result.unspoken += session_texts.unread()

    def _speak(self, texts: Iterable[str], settled: threading.Event) -> bool:
        """Speak a text that fits into a session; return whether there were words."""
        unconfirmed = UnconfirmedText()
        sender = TextSender(unconfirmed, self.settings.flush_after)
        arguments = (texts, sender, settled)
        threading.Thread(target=_write, args=arguments, name="reader", daemon=True).start()
        sender.start()
        try:
            _Receiver(self, unconfirmed, sender).run()
        finally:
            sender.stop()
            self.result.characters += sender.characters
            self.result.unspoken = unconfirmed.text + sender.unsent()
        if sender.failure is not None:
            raise sender.failure
        return sender.first_text_at is not None


def _write(texts: Iterable[str], sender: TextSender, settled: threading.Event) -> None:
    try:
        for text in texts:
            if not sender.write(text):
                return
    except Exception as exc:  # noqa: BLE001 - raised again in the receiving thread
        sender.end(exc)
    else:
        sender.end()
    finally:
        settled.set()


class _Receiver:
    """Receives the sound of the sender's text and replaces lost sessions."""

    def __init__(
        self, speaker: StreamSpeaker, unconfirmed: UnconfirmedText, sender: TextSender
    ) -> None:
        self._speaker = speaker
        self._output = speaker.output
        self._result = speaker.result
        self._word_times = speaker.word_times
        self._unconfirmed = unconfirmed
        self._sender = sender
        self._sentence = ""
        self._has_unnamed_sentences = False
        self._losses = 0

    def run(self) -> None:
        while self._sender.wait_for_need():
            self._run_session()

    def _run_session(self) -> None:
        opened = False
        try:
            with self._speaker.open_session() as session:
                opened = True
                self._result.sessions += 1
                self._word_times.begin_session(self._output.seconds, self._output.discarded_seconds)
                self._sender.attach(session)
                self._receive(session)
        except SessionLost as lost:
            self._recover(lost, opened)

    def _receive(self, session: Session) -> None:
        limit = TimeLimit(self._speaker.settings.timeout)
        while not self._sender.finished:
            event = session.receive(min(POLL_SECONDS, self._speaker.settings.timeout))
            if event is not None:
                self._handle(event)
            if event is not None or not self._sound_is_owed:
                limit.restart()
            elif not limit.next_slice():
                timeout = self._speaker.settings.timeout
                raise silence("the service", timeout, session.session_id)

    @property
    def _sound_is_owed(self) -> bool:
        return self._sender.ended or self._output.in_sentence or self._unconfirmed.owed

    def _handle(self, event: Event) -> None:
        match event:
            case SentenceStarted(text):
                self._sentence = text
                self._word_times.start_sentence(len(self._output.sentences), text)
                self._output.start_sentence()
            case AudioReceived(data):
                self._write(data)
            case SentenceEnded(text, request_id):
                self._end_sentence(text or self._sentence, request_id)
            case WordTimesReceived(sentence):
                self._word_times.add(sentence)
            case SessionFinished(data):
                self._finish(data)

    def _write(self, data: bytes) -> None:
        if self._result.first_audio_ms is None and self._sender.first_text_at is not None:
            elapsed = monotonic() - self._sender.first_text_at
            self._result.first_audio_ms = round(1000 * elapsed)
        self._output.write(data)

    def _end_sentence(self, text: str, request_id: str) -> None:
        self._has_unnamed_sentences = self._has_unnamed_sentences or not text
        self._word_times.end_sentence(len(self._output.sentences), request_id)
        seconds = self._output.end_sentence(text)
        if self._unconfirmed.confirm(text, seconds):
            self._losses = 0
        if not self._sound_is_owed:
            self._output.pause()
        self._result.sentences += 1

    def _finish(self, data: bytes) -> None:
        if not self._sender.ended:
            raise SessionLost(NetworkError("the service ended the session before the text ended"))
        if data:
            self._write(data)
        if self._unconfirmed.pending and not self._may_have_spoken_all:
            raise SessionLost(NetworkError("the service did not speak all of the text"))
        self._word_times.end_sentence(len(self._output.sentences), "")
        self._output.finish(self._unconfirmed.text)
        self._unconfirmed.clear()
        self._sender.finish()

    @property
    def _may_have_spoken_all(self) -> bool:
        """Whether the sound can include text that no sentence confirmed."""
        return (
            self._has_unnamed_sentences
            or self._output.has_unmarked_sound
            or self._unconfirmed.is_inexact
        )

    def _recover(self, lost: SessionLost, opened: bool) -> None:
        missing = self._output.in_sentence or self._unconfirmed.pending
        if self._sender.awaits_finish and not missing:
            raise _unfinished(lost) from lost
        self._output.discard_sentence()
        self._sender.session_lost()
        if missing or not opened:
            self._wait(lost)

    def _wait(self, lost: SessionLost) -> None:
        self._losses += 1
        seconds = delay_after(lost, self._losses, self._speaker.settings.retries)
        self._speaker.notify(
            f"{lost.failure.message}; reconnecting in {seconds:.1f} s "
            f"({self._losses} of {self._speaker.settings.retries})"
        )
        sleep(seconds)


def _unfinished(lost: SessionLost) -> StepcliError:
    """Return the error for a session that was lost after its last sentence."""
    if not isinstance(lost.failure, NetworkError):
        return lost.failure
    return NetworkError(
        "the session ended before the service confirmed the end of the audio",
        hint="the last words may be missing; run the command again",
        trace_id=lost.failure.trace_id,
    )
