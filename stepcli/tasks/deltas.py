"""Text in portions that tear no character a reader sees as one (Unicode's grapheme clusters)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"
_VIRAMA = 9
"""The combining class of signs that tie an Indic consonant to the next."""


def complete(text: str) -> tuple[str, str]:
    """``text`` as far as nothing can change it, and a last cluster that more text may extend.

    Only what invites more is held back: flags, emoji, joiners, half syllables. A letter could be
    followed by an accent too, but words are not kept waiting for that.
    """
    if not text or not _invites(text[-1]):
        return text, ""
    start = _start_of_cluster(text, len(text) - 1)
    return text[:start], text[start:]


def pieces(text: str, longest: int) -> Iterator[str]:
    """``text`` in pieces of at most ``longest`` characters, cut between clusters where possible."""
    while len(text) > longest:
        end = _start_of_cluster(text, longest) or longest
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _start_of_cluster(text: str, place: int) -> int:
    """Where the cluster begins that the character at ``place`` belongs to."""
    while place > 0 and _joined(text, place):
        place -= 1
    return place


def _joined(text: str, place: int) -> bool:
    """Whether the character at ``place`` belongs to the one before it."""
    before, here = text[place - 1], text[place]
    if _is_flag_half(here):
        return _flag_halves(text[:place]) % 2 == 1
    return (
        _extends(here)
        or (before == _JOINER and _is_pictograph(here))
        or (before == "\r" and here == "\n")
        or (unicodedata.combining(before) == _VIRAMA and here.isalpha())
        or (_is_jamo(before) and _is_jamo(here))
    )


def _invites(character: str) -> bool:
    return (
        character in (_JOINER, "\r", "\ufe0f")
        or _is_pictograph(character)
        or _is_jamo(character)
        or unicodedata.combining(character) == _VIRAMA
    )


def _extends(character: str) -> bool:
    """Marks, variation selectors and joiners; skin tones; the tags in a region's flag."""
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or character == _JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_pictograph(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk") and character > "\u00ff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves(text: str) -> int:
    """How many halves of flags ``text`` ends with."""
    count = 0
    while count < len(text) and _is_flag_half(text[-1 - count]):
        count += 1
    return count


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff"
