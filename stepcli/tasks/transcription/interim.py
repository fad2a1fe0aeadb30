"""The words of an utterance while it is being spoken: what is sent when, and what is stable."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from stepcli.audio.vad import Ended, Paused, SpeechEvent, TimeSpan
from stepcli.subtitles.alignment import key, spaced, tokenise
from stepcli.tasks.transcription.segment_requests import Answer

_PAUSE_SHARE = 0.75
"""What is sent at pauses and then again, because speech goes on, as a share of the speech."""
_INTERIM_SHARE = 2.2
"""The same for interim words every second. Both are measured with three readings of 82 s."""


def extra_share(interval: float) -> float:
    """Return what is sent besides each segment once, as an estimated share of the speech."""
    return _PAUSE_SHARE + (_INTERIM_SHARE / interval if interval else 0.0)


class InterimWords(NamedTuple):
    """The words so far: those that stay, and those that may still change."""

    stable: str = ""
    tentative: str = ""


@dataclass(slots=True)
class LocalAgreement:
    """Finds the words that two successive results for a growing stretch of audio agree on.

    They are stable: later results only add to them. See "Turning Whisper into Real-Time
    Transcription System" (https://aclanthology.org/2023.ijcnlp-demo.3/).
    """

    _stable: list[str] = field(default_factory=list)
    _latest: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Take the next result."""
        words = tokenise(text)
        agreed = _common_length(self._latest, words)
        self._stable += words[len(self._stable) : agreed]
        self._latest = words

    @property
    def words(self) -> InterimWords:
        return InterimWords("".join(self._stable), "".join(self._latest[len(self._stable) :]))


def _common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words at the start of both are the same but for case and punctuation."""
    same = (key(a) == key(b) for a, b in zip(one, other, strict=False))
    return len(list(takewhile(bool, same)))


@dataclass(slots=True)
class InterimRequests:
    """Sends what is being spoken with `send` every `interval` seconds, and joins the results.

    One request is under way at a time. It has the sound since the last pause for which there is a
    result, whose text precedes its own. The words start anew with each utterance. Nothing is sent
    if `interval` is 0.
    """

    send: Callable[[TimeSpan], Answer]
    interval: float
    _start: float = 0.0
    """Where the next request begins, in seconds of the recording."""
    _next: float = 0.0
    """When the next request is due, in seconds of the recording."""
    _under_way: Answer | None = None
    _is_obsolete: bool = False
    """Whether there is already a result for the sound of the request that is under way."""
    _pauses: deque[tuple[TimeSpan, Answer]] = field(default_factory=deque)
    """What was sent at pauses and ends of segments and has no result yet."""
    _texts: dict[float, str] = field(default_factory=dict)
    """The text up to a pause of each segment, by its start."""
    _agreement: LocalAgreement = field(default_factory=LocalAgreement)

    @property
    def words(self) -> InterimWords:
        """The words so far."""
        return self._agreement.words

    @property
    def begun(self) -> float:
        """Where the words so far begin, in seconds of the recording."""
        return next(iter(self._texts), self._start)

    def update(self, seconds: float, spoken: TimeSpan | None) -> None:
        """Send the current segment, `spoken`, if that is due after `seconds`."""
        if not self.interval or spoken is None or self._under_way:
            return
        start = max(spoken.start, self._start)
        if seconds >= max(self._next, start + self.interval):
            self._start, self._next = start, seconds + self.interval
            self._under_way = self.send(TimeSpan(start, spoken.end))
            self._is_obsolete = False

    def apply(self, event: SpeechEvent, sent: Answer | None) -> None:
        """Take what happens in the speech, and the answer to what was `sent` because of it."""
        match event:
            case Ended(_, final=True):
                self._is_obsolete = True
                self._pauses.clear()
                self._texts.clear()
                self._agreement = LocalAgreement()
            case Paused(span) | Ended(TimeSpan() as span) if sent and self.interval:
                self._pauses.append((span, sent))

    def poll(self) -> bool:
        """Take the answers that have arrived; return whether there are other words."""
        before = self.words
        while self._pauses and self._pauses[0][1].done():
            self._settle(*self._pauses.popleft())
        if self._under_way and self._under_way.done():
            text = _text(self._under_way)
            if text and not self._is_obsolete and not self._lacks_text:
                self._agreement.add(_joined([*self._texts.values(), text]))
            self._under_way = None
        return self.words != before

    @property
    def _lacks_text(self) -> bool:
        """Whether a segment before the request that is under way has no result yet."""
        return any(span.start < self._start for span, _ in self._pauses)

    def _settle(self, span: TimeSpan, answer: Answer) -> None:
        """Let later requests begin at the end of `span`, the text of which is known."""
        if text := _text(answer):
            self._texts[span.start] = text
            self._is_obsolete = self._is_obsolete or span.end > self._start
            self._start = max(self._start, span.end)
            self._agreement.add(_joined(self._texts.values()))


def _text(answer: Answer) -> str:
    """Return the text of an answer, an empty one if it has failed or was cancelled."""
    has_failed = answer.cancelled() or answer.exception()
    return "" if has_failed else answer.result().text.strip()


def _joined(texts: Iterable[str]) -> str:
    """Return `texts` as one, with spaces where the script has them."""
    joined = ""
    for text in texts:
        joined += spaced(joined, text)
    return joined
