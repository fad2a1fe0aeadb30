"""Grapheme clusters: what a reader takes for one character (Unicode Standard Annex 29)."""

from __future__ import annotations

from collections.abc import Iterator

import regex

_CLUSTER = regex.compile(r"\X")


def clusters(text: str) -> Iterator[str]:
    """The clusters of ``text``, in order; joined they are the text."""
    return (found.group() for found in _CLUSTER.finditer(text))


def breaks(text: str, start: int, end: int) -> Iterator[int]:
    """The positions strictly between ``start`` and ``end`` where one cluster follows another."""
    for found in _CLUSTER.finditer(text, start, end):
        if found.end() < end:
            yield found.end()
