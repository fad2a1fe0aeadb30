"""Text that arrives in bits, cut into sentences as they become complete (protocol.md §4)."""

from __future__ import annotations

import re

_OPENING, _CLOSING = "(（", ")）"
_ENDS = "。！？!?"
_LONGEST_DIRECTION = 200  # characters; a parenthesis still open after that is none
_AFTER_END = "」』”’\"'" + _CLOSING


class Gatherer:
    """Holds back text until a sentence is complete.

    Mode ``sentence`` ends one at ``。！？!?``; mode ``default`` also at a line's end, and at a full
    stop that white space follows. What stands in parentheses is never cut.
    """

    def __init__(self, mode: str) -> None:
        self._by_lines = mode == "default"
        self._held = ""

    def add(self, text: str) -> list[str]:
        """The sentences that this text completes."""
        self._held += text
        sentences = []
        while end := self._first_end():
            sentences.append(self._held[:end])
            self._held = self._held[end:]
        return sentences

    def flush(self) -> list[str]:
        """What is held back, complete or not; nothing if it is only white space."""
        rest, self._held = self._held, ""
        return [rest] if rest.strip() else []

    def _first_end(self) -> int:
        """Where the first complete sentence ends, 0 if none is."""
        opened: int | None = None
        for at, character in enumerate(self._held):
            if character in _OPENING and opened is None:
                opened = at
            if character in _CLOSING or (opened is not None and at - opened > _LONGEST_DIRECTION):
                opened = None
            if opened is None and self._ends(at) and re.search(r"[^\W_]", self._held[:at]):
                return self._past_closing(at + 1)
        return 0

    def _ends(self, at: int) -> bool:
        character, following = self._held[at], self._held[at + 1 : at + 2]
        if character in _ENDS:
            return following == "" or following not in _ENDS
        return self._by_lines and (character == "\n" or (character == "." and following.isspace()))

    def _past_closing(self, at: int) -> int:
        while self._held[at : at + 1] and self._held[at] in _AFTER_END:
            at += 1
        return at
