"""Grapheme clusters: user-perceived characters (Unicode Standard Annex 29)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex


@cache
def _cluster() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"\X")


def clusters(text: str) -> Iterator[str]:
    """Return the clusters of ``text``, in order; joined they are the text."""
    return (found.group() for found in _cluster().finditer(text))


def breaks(text: str, start: int, end: int) -> Iterator[int]:
    """Return the positions between ``start`` and ``end`` where one cluster follows another."""
    for found in _cluster().finditer(text, start, end):
        if found.end() < end:
            yield found.end()


_LONGEST_CLUSTER = 64
"""The length in which a cluster is searched, in characters; a family of emoji has eleven."""


@cache
def _inviting() -> regex.Pattern[str]:
    """Return the pattern of characters that the next block of text often extends.

    These are emoji and flags, joiners, half syllables, and half a line break.
    """
    import regex

    return regex.compile(
        r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u200d\ufe0f\r"
        r"\p{InCB=Linker}\p{Hangul_Syllable_Type=L}\p{Hangul_Syllable_Type=V}--[©®]]",
        regex.VERSION1,
    )


def split_open_cluster(text: str) -> tuple[str, str]:
    """Return ``text`` up to a last cluster that more text may extend, and that cluster.

    A combining accent could follow any letter, but words are not delayed for that.
    """
    if not text or _is_settled(text[-1]) or not _inviting().match(text, len(text) - 1):
        return text, ""
    start = _last_break(text, 0, len(text))
    return text[:start], text[start:]


def _is_settled(character: str) -> bool:
    """Return whether more text cannot extend the last cluster.

    For most text this is known without the tables of all characters, whose loading would delay the
    first words.
    """
    return (character.isascii() and character != "\r") or "\u4e00" <= character <= "\u9fff"


def extends(character: str) -> bool:
    """Return whether `character` forms one cluster with a space before it, as an accent does."""
    return not _is_settled(character) and _cluster().fullmatch(f" {character}") is not None


def split_between_clusters(text: str, longest: int) -> Iterator[str]:
    """Yield `text` in pieces of at most `longest` characters, between clusters if possible."""
    start = 0
    while len(text) - start > longest:
        end = _last_break(text, start, start + longest + 1) or start + longest
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _last_break(text: str, start: int, end: int) -> int:
    """Return the last position between `start` and `end` where a cluster begins, else 0."""
    return max(breaks(text, max(start, end - _LONGEST_CLUSTER), end), default=0)
