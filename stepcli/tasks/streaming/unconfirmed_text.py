"""The text that was written and is not yet known to be spoken."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from itertools import islice

from stepcli.text.stage_directions import DIRECTION

_AUDIBLE = re.compile(rf"{DIRECTION.pattern}|([^\W_])")
_CLOSING = re.compile(r"[\s.。!！?？…,，;；:：、\"”'’」』\]】]*")
_REACH = 2000
"""How many characters past a sentence's length it is looked for."""
_SURE = 8
"""Letters from which a sentence found further on is no chance."""
_SPELLED_OUT = 2
"""How much longer than the text a sentence may be: ``3`` comes back as ``three``."""


class Unspoken:
    """Grows as text is typed and shrinks as sentences finish: what it holds is said again.

    Sentences come back in order, but not always as they were written: stage directions and
    Markdown may be gone, numbers spelled out. So letters and digits are compared, nothing else; a
    sentence that cannot be found stays until a later one can, and counts as said until then.
    Safe to share between the thread that types and the one that listens.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text = ""
        self._asked = 0
        self._elsewhere = 0

    def add(self, text: str) -> None:
        """``text`` was written after all that is here."""
        with self._lock:
            self._text += text

    def ask(self) -> None:
        """The service was told to speak all that is here, complete sentence or not."""
        with self._lock:
            self._asked = len(self._text)

    def finish(self, sentence: str) -> None:
        """``sentence``, and with it all before it, was spoken."""
        with self._lock:
            end = _end_of(sentence, self._text, sure=self._elsewhere > 0)
            if end is None:
                self._elsewhere += _SPELLED_OUT * len(list(_letters(sentence, len(sentence))))
            else:
                self._drop(end)

    def clear(self) -> None:
        """Everything was spoken."""
        with self._lock:
            self._drop(len(self._text))

    @property
    def owed(self) -> bool:
        """Whether there is something to hear that the service was told to speak."""
        with self._lock:
            return self._is_audible(self._asked)

    @property
    def pending(self) -> bool:
        """Whether there is something to hear at all."""
        with self._lock:
            return self._is_audible(len(self._text))

    @property
    def text(self) -> str:
        with self._lock:
            return self._text

    def again(self) -> tuple[str, str]:
        """What to say to a new session: text to be spoken at once, and text still gathering."""
        with self._lock:
            if not self._is_audible(self._asked):
                self._drop(self._asked)
            return self._text[: self._asked], self._text[self._asked :]

    def _is_audible(self, end: int) -> bool:
        """Whether there is more to hear before ``end`` than what was said elsewhere."""
        return any(True for _ in islice(_letters(self._text, end), self._elsewhere, None))

    def _drop(self, size: int) -> None:
        self._text = self._text[size:]
        self._asked = max(0, self._asked - size)
        self._elsewhere = 0


def _end_of(sentence: str, text: str, *, sure: bool) -> int | None:
    """Where ``sentence`` and the punctuation behind it end in ``text``; None if it is not there.

    Found further on than at the beginning, it must be long or expected there (``sure``).
    """
    wanted = "".join(sentence[place] for place in _letters(sentence, len(sentence)))
    places = list(_letters(text, len(sentence) + _REACH))
    at = "".join(text[place] for place in places).find(wanted)
    if not wanted or at < 0 or (at > 0 and not sure and len(wanted) < _SURE):
        return None
    behind = _CLOSING.match(text, places[at + len(wanted) - 1] + 1)
    return behind.end() if behind else None


def _letters(text: str, end: int) -> Iterator[int]:
    """Where the letters and digits of ``text`` are that are to be heard, up to ``end``."""
    return (found.start() for found in _AUDIBLE.finditer(text, 0, end) if found[1])
