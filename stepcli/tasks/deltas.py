"""Text in portions that tear no character which a reader sees as one."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from stepcli.tasks.graphemes import breaks

_LONGEST_CLUSTER = 64
"""Characters that one is looked for in: a family of emoji has eleven."""

# What often goes on in the next read: emoji and flags, joiners, half syllables, half a line break.
_INVITING = regex.compile(
    r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u200d\ufe0f\r"
    r"\p{InCB=Linker}\p{Hangul_Syllable_Type=L}\p{Hangul_Syllable_Type=V}--[©®]]",
    regex.VERSION1,
)


def complete(text: str) -> tuple[str, str]:
    """``text`` as far as nothing can change it, and a last cluster that more text may extend.

    A letter could be followed by an accent too, but words are not kept waiting for that.
    """
    if not text or not _INVITING.match(text, len(text) - 1):
        return text, ""
    start = _last_break(text, len(text))
    return text[:start], text[start:]


def pieces(text: str, longest: int) -> Iterator[str]:
    """``text`` in pieces of at most ``longest`` characters, cut between clusters where possible."""
    while len(text) > longest:
        end = _last_break(text, longest + 1) or longest
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _last_break(text: str, end: int) -> int:
    """The last position before ``end`` where one cluster follows another, 0 if there is none."""
    return max(breaks(text, max(0, end - _LONGEST_CLUSTER), end), default=0)
