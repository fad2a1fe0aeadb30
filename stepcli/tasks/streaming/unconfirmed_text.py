"""Text that was sent and is not yet confirmed as spoken."""

from __future__ import annotations

import threading
from io import StringIO

from stepcli.text.speaking_time import FASTEST, speaking_time
from stepcli.text.spoken_form import first_sentence_end, is_audible, letters, written_end

_REACH = 2000
"""Characters beyond a sentence's own length in which the sentence is searched."""
_FIRST_LOOK = 4096


class TextQueue:
    """Text that grows at its end and shrinks at its beginning, in time linear in its length."""

    def __init__(self) -> None:
        self._buffer = StringIO()
        self._start = self._end = 0

    def __len__(self) -> int:
        return self._end - self._start

    def append(self, text: str) -> None:
        self._buffer.seek(self._end)
        self._buffer.write(text)
        self._end += len(text)

    def peek(self, size: int) -> str:
        """Return the first `size` characters, or all if there are fewer."""
        self._buffer.seek(self._start)
        return self._buffer.read(min(size, len(self)))

    def drop(self, size: int) -> None:
        """Remove the first `size` characters."""
        self._start += size
        if self._start > len(self):
            rest = self.peek(len(self))
            self._buffer, self._start, self._end = StringIO(), 0, 0
            self.append(rest)


class UnconfirmedText:
    """Text that is kept, to be sent again to another session, until a sentence confirms it.

    Sentences arrive in the order of the text, as written or spelled out. A sentence that cannot be
    found in the text stands for the first one there if its sound is long enough for it; otherwise
    it confirms nothing until a later sentence is found. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text = TextQueue()
        self._requested = 0
        self._inexact = False
        self._unmatched_seconds = 0.0

    def add(self, text: str) -> None:
        """Append `text`, which is about to be sent."""
        with self._lock:
            self._text.append(text)

    def request(self) -> None:
        """Note that the service was asked to speak all of the text, complete sentence or not."""
        with self._lock:
            self._requested = len(self._text)

    def confirm(self, sentence: str, seconds: float) -> bool:
        """Remove `sentence`, which was spoken in `seconds` of sound, and all text before it.

        `seconds` is 0 if unknown. Return whether any text was removed.
        """
        with self._lock:
            before = len(self._text)
            window = self._text.peek(len(sentence) + _REACH)
            end = written_end(window, sentence, flushed=self._requested, inexact=self._inexact)
            if end is not None:
                self._inexact = not _is_as_written(window[:end], sentence)
                self._drop(end)
            elif is_audible(sentence):
                self._inexact = True
                self._confirm_by_sound(window, seconds)
            return len(self._text) < before

    def clear(self) -> None:
        """Remove everything: the service reported the end of all sound."""
        with self._lock:
            self._drop(len(self._text))

    @property
    def owed(self) -> bool:
        """Whether the service was asked to speak something that it has not."""
        with self._lock:
            return not self._unmatched_seconds and self._is_audible(self._requested)

    @property
    def pending(self) -> bool:
        """Whether anything audible is unconfirmed."""
        with self._lock:
            return self._is_audible(len(self._text))

    @property
    def is_inexact(self) -> bool:
        """Whether a sentence was spoken that could not be found in the text."""
        return self._inexact

    @property
    def text(self) -> str:
        """All of it."""
        with self._lock:
            return self._text.peek(len(self._text))

    def to_resend(self) -> tuple[str, str]:
        """Return what a new session is sent: text to speak at once, and text still gathering."""
        with self._lock:
            if not self._is_audible(self._requested):
                self._drop(self._requested)
            self._inexact, self._unmatched_seconds = False, 0.0
            text = self._text.peek(len(self._text))
            return text[: self._requested], text[self._requested :]

    def _confirm_by_sound(self, window: str, seconds: float) -> None:
        """Remove the first sentence once there was enough sound for it."""
        self._unmatched_seconds += seconds
        end = first_sentence_end(window)
        if self._unmatched_seconds >= FASTEST * speaking_time(window[:end]):
            self._drop(end)

    def _is_audible(self, end: int) -> bool:
        return is_audible(self._text.peek(min(end, _FIRST_LOOK))) or (
            end > _FIRST_LOOK and is_audible(self._text.peek(end))
        )

    def _drop(self, size: int) -> None:
        self._text.drop(size)
        self._requested = max(0, self._requested - size)
        self._unmatched_seconds = 0.0


def _is_as_written(text: str, sentence: str) -> bool:
    return letters(text).folded == letters(sentence).folded
