"""Text as it is being written to sound as it is spoken, over as many sessions as it takes."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Protocol

from stepcli.api.error_mapping import SessionLost
from stepcli.api.realtime import (
    AudioReceived,
    Event,
    SentenceEnded,
    SentenceStarted,
    SessionFinished,
)
from stepcli.api.retry import pause
from stepcli.errors import NetworkError, ServiceTimeoutError, UsageError
from stepcli.tasks.concurrency import BLINK
from stepcli.tasks.streaming.sentence_output import Takes
from stepcli.tasks.streaming.text_sender import Line, Typist
from stepcli.tasks.streaming.unconfirmed_text import Unspoken

_MARK = "\ufeff"


def decoded(blocks: Iterable[bytes], name: str) -> Iterator[str]:
    """The text in ``blocks``, each character as soon as it is complete.

    A byte order mark at the beginning is dropped. Raises UsageError with the offset of the first
    byte that is not UTF-8, before any text of its block.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, first = 0, True
    for block in _ended(blocks):
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as exc:
            raise _not_utf8(exc, name, offset - waiting) from None
        offset += len(block)
        if text and first:
            first, text = False, text.removeprefix(_MARK)
        if text:
            yield text


def _ended(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


def _not_utf8(error: UnicodeDecodeError, name: str, offset: int) -> UsageError:
    byte = error.object[error.start]
    return UsageError(
        f"{name} is not UTF-8: byte 0x{byte:02x} at offset {offset + error.start}",
        hint="convert it first, for example with iconv -t UTF-8",
    )


def hand_over(texts: Iterable[str], typist: Typist) -> None:
    """Give ``texts`` to the typist as they come, in a thread that nobody waits for."""
    threading.Thread(target=_write, args=(texts, typist), name="reader", daemon=True).start()


def _write(texts: Iterable[str], typist: Typist) -> None:
    try:
        for text in texts:
            typist.write(text)
    except Exception as exc:  # noqa: BLE001 - whatever it is, who listens must hear of it
        typist.end(exc)
    else:
        typist.end()


class Session(Line, Protocol):
    """An open realtime session. ``receive`` gives None after ``timeout`` seconds of nothing."""

    @property
    def session_id(self) -> str | None: ...

    def receive(self, timeout: float) -> Event | None: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: ``timeout`` of silence while something is owed, ``flush_after`` of no new text.

    ``retries`` is how many losses in a row there may be without a sentence between them.
    """

    timeout: float
    retries: int
    flush_after: float


@dataclass(slots=True)
class Account:
    """What came of it. ``first_audio_ms`` counts from the first words to the first sound;
    ``unspoken`` is text that was read and, so far as is known, not spoken to its end."""

    first_audio_ms: int | None = None
    sentences: int = 0
    characters: int = 0
    sessions: int = 0
    underruns: int = 0
    unspoken: str = ""

    @property
    def reconnects(self) -> int:
        return max(0, self.sessions - 1)


def narrate(
    texts: Iterable[str],
    open_session: Callable[[], AbstractContextManager[Session]],
    takes: Takes,
    patience: Patience,
    account: Account,
    tell: Callable[[str], None],
) -> None:
    """Speak ``texts`` as they come, until the last is spoken; ``account`` is kept up to date.

    A session that ends with nothing owed, as an idle one does, is replaced when more text comes.
    One that is lost in the middle is replaced at once, after a pause that grows; the new one
    continues after the last sentence that finished. ``tell`` hears a sentence about each loss.

    Raises UsageError for text that is blank or unreadable, after what came before it was spoken;
    otherwise whatever the sessions and sinks raise.
    """
    unspoken = Unspoken()
    typist = Typist(unspoken, patience.flush_after)
    hand_over(texts, typist)
    typist.start()
    try:
        _Narrator(open_session, unspoken, typist, takes, patience, account, tell).narrate()
    finally:
        typist.stop()
        account.characters += typist.characters
        account.unspoken = unspoken.text + typist.untyped()
    if typist.failure is not None:
        raise typist.failure
    if typist.began is None:
        raise UsageError("there is nothing to speak: the text is blank")


class _Narrator:
    """Listens to how the typist's text sounds, and finds a new session when one is lost."""

    def __init__(
        self,
        open_session: Callable[[], AbstractContextManager[Session]],
        unspoken: Unspoken,
        typist: Typist,
        takes: Takes,
        patience: Patience,
        account: Account,
        tell: Callable[[str], None],
    ) -> None:
        self._open_session = open_session
        self._unspoken = unspoken
        self._typist = typist
        self._takes = takes
        self._patience = patience
        self._account = account
        self._tell = tell
        self._sentence = ""
        self._wordless = False
        self._losses = 0
        self._waiting_since = 0.0

    def narrate(self) -> None:
        while self._typist.wants_line():
            self._hold_session()

    def _hold_session(self) -> None:
        opened = False
        try:
            with self._open_session() as session:
                opened = True
                self._account.sessions += 1
                self._typist.take(session)
                self._listen(session)
        except SessionLost as lost:
            self._recover(lost, opened)

    def _listen(self, session: Session) -> None:
        self._waiting_since = monotonic()
        while not self._typist.over:
            event = session.receive(min(BLINK, self._patience.timeout))
            if event is not None:
                self._hear(event)
            if event is not None or not self._owed:
                self._waiting_since = monotonic()
            elif monotonic() - self._waiting_since > self._patience.timeout:
                raise self._silence(session)

    @property
    def _owed(self) -> bool:
        return self._typist.ended or self._takes.under_way or self._unspoken.owed

    def _hear(self, event: Event) -> None:
        match event:
            case SentenceStarted(text):
                self._sentence = text
                self._takes.begin()
            case AudioReceived(data, seconds):
                self._sound(data, seconds)
            case SentenceEnded(text):
                self._finish_sentence(text or self._sentence)
            case SessionFinished(data):
                self._finish(data)

    def _sound(self, data: bytes, seconds: float = 0.0) -> None:
        if self._account.first_audio_ms is None and self._typist.began is not None:
            self._account.first_audio_ms = round(1000 * (monotonic() - self._typist.began))
        self._takes.write(data, seconds)

    def _finish_sentence(self, text: str) -> None:
        self._wordless = self._wordless or not text
        self._takes.end(text)
        self._unspoken.finish(text)
        if not self._owed:
            self._takes.rest()
        self._account.sentences += 1
        self._losses = 0

    def _finish(self, data: bytes) -> None:
        if not self._typist.ended:
            raise SessionLost(NetworkError("the service finished before the text did"))
        if data:
            self._sound(data)
        if self._unspoken.pending and not (self._wordless or self._takes.sounds_on):
            raise SessionLost(NetworkError("the service finished without having spoken everything"))
        self._takes.finish(self._unspoken.text)
        self._unspoken.clear()
        self._typist.finished()

    def _recover(self, lost: SessionLost, opened: bool) -> None:
        missed = self._takes.under_way or self._unspoken.pending
        self._takes.retake()
        self._typist.lost()
        if missed or not opened:
            self._be_patient(lost)

    def _be_patient(self, lost: SessionLost) -> None:
        self._losses += 1
        if self._losses > self._patience.retries:
            raise lost.failure from lost.__cause__
        seconds = pause(self._losses, lost.after)
        self._tell(
            f"{lost.failure.message}; connecting again in {seconds:.1f} s "
            f"({self._losses} of {self._patience.retries})"
        )
        sleep(seconds)

    def _silence(self, session: Session) -> ServiceTimeoutError:
        return ServiceTimeoutError(
            f"the service was silent for {self._patience.timeout:g} s",
            hint="--timeout allows longer silence",
            trace_id=session.session_id,
        )
