"""Divide a long text, while it is being written, among successive sessions."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from stepcli.tasks.streaming.unconfirmed_text import TextQueue
from stepcli.text.graphemes import split_between_clusters
from stepcli.text.speaking_time import speaking_time

SESSION_SECONDS = 120.0
"""Estimated speaking time after which a session ends with its sentence."""

LONGEST_SESSION_SECONDS = 180.0
"""Estimated speaking time after which a session ends within a sentence.

Even at 48 kHz and the slowest pace, the audio of that time, repeated in the session's last frame in
base64, fits into the frames that the client accepts.
"""

_BLOCK = 1000
_CONTEXT = 200


class SessionTexts:
    """The texts of successive sessions, joined `texts`; each is an iterator to be used up.

    A session ends where a sentence does, once more text follows.

    Another thread may use the iterators. `settled` is set while nothing is on its way from here to
    there: while more of `texts` is awaited, and when that thread has set it at its end.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.settled = threading.Event()
        self._texts = iter(texts)
        self._queue = TextQueue()

    def unread(self) -> str:
        """Return what was read from `texts` and not taken from an iterator."""
        return self._queue.peek(len(self._queue))

    def __iter__(self) -> Iterator[Iterator[str]]:
        self.settled.clear()
        yield self._session()
        while self._queue:
            self.settled.clear()
            yield self._session()

    def _session(self) -> Iterator[str]:
        context, spoken = "", 0.0
        while block := self._next_block():
            spoken_after = spoken + speaking_time(block)
            end = _session_end(context, block, spoken) if spoken_after >= SESSION_SECONDS else None
            piece = block[:end]
            if piece:
                yield piece
            self._queue.drop(len(piece))
            if end is not None:
                return
            context, spoken = (context + block)[-_CONTEXT:], spoken_after

    def _next_block(self) -> str:
        """Return the beginning of the text that is not yet returned; empty at its end."""
        while not self._queue:
            self.settled.set()
            text = next(self._texts, None)
            self.settled.clear()
            if text is None:
                return ""
            self._queue.append(text)
        return next(split_between_clusters(self._queue.peek(2 * _BLOCK), _BLOCK))


def _session_end(context: str, block: str, spoken: float) -> int | None:
    """Return where in `block` a session ends that said `context` last, None if it continues."""
    from stepcli.text.boundaries import LONGEST_TOKEN, Rank, boundaries

    start = 0
    for place in boundaries(context + block, LONGEST_TOKEN):
        end = place.position - len(context)
        if end < 0:
            continue
        spoken += speaking_time(block[start:end])
        start = end
        enough = SESSION_SECONDS if place.rank >= Rank.SENTENCE else LONGEST_SESSION_SECONDS
        if spoken >= enough:
            return end
    return None
