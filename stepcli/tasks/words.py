"""Words with times: the authoritative text laid over the deltas it came in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate

from stepcli.api.recognition import Delta

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_OPENING = r"([{「『（《〈【〔“‘"
_TOKEN = re.compile(
    rf"\s*(?:[{_OPENING}]*[{_CJK}][^\w\s{_OPENING}]*|[^\s{_CJK}]+?(?=[{_OPENING}]*[{_CJK}]|\s|$))"
)
_NOT_TOLD = re.compile(r"[\W_]+")
_ENDLESS = 50
"""A text in which a word comes so often on average says the same again and again."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or one Chinese character, with the white space before it; ``start`` and ``end`` in s.

    The words of a text, joined, are the text.
    """

    text: str
    start: float
    end: float


def words(text: str, deltas: Sequence[Delta], duration: float) -> list[Word]:
    """The words of ``text``, each at the time that ``deltas`` tell of it.

    Where text and deltas differ, or deltas have no times, words share the time between their
    neighbours by their length. Times never go backwards and stay within ``duration`` seconds.
    """
    tokens = tokenise(text)
    spans = _by_position(tokens, deltas) or _by_likeness(tokens, deltas)
    return list(_in_order(tokens, _filled(tokens, spans, duration), duration))


def tokenise(text: str) -> list[str]:
    """``text`` cut before each word's white space; what is left at the end is the last word's."""
    tokens = _TOKEN.findall(text)
    rest = text[sum(map(len, tokens)) :]
    if tokens and rest:
        tokens[-1] += rest
    return tokens


def shift(sequence: Iterable[Word], seconds: float) -> list[Word]:
    """The same words, that much later."""
    return [replace(one, start=one.start + seconds, end=one.end + seconds) for one in sequence]


def key(token: str) -> str:
    """What two spellings of the same word have in common."""
    return _NOT_TOLD.sub("", token).casefold()


def _by_position(tokens: Sequence[str], deltas: Sequence[Delta]) -> list[Span | None]:
    """Each token's span, where text and deltas are the same but for white space; else nothing."""
    heard = ["".join(delta.text.split()) for delta in deltas]
    squeezed = ["".join(token.split()) for token in tokens]
    if "".join(squeezed) != "".join(heard):
        return []
    edges = [0, *accumulate(map(len, heard))]
    ends = list(accumulate(map(len, squeezed)))
    return [
        _between(deltas, edges, first, last) for first, last in zip([0, *ends], ends, strict=False)
    ]


def _between(deltas: Sequence[Delta], edges: Sequence[int], first: int, last: int) -> Span | None:
    """The time between two places in the characters of all deltas, which end at ``edges``."""
    opening, closing = bisect_right(edges, first) - 1, bisect_left(edges, last) - 1
    start = _moment(deltas[opening], first - edges[opening], edges[opening + 1] - edges[opening])
    end = _moment(deltas[closing], last - edges[closing], edges[closing + 1] - edges[closing])
    return None if start is None or end is None else (start, end)


def _moment(delta: Delta, part: int, parts: int) -> float | None:
    """When so many of the equal parts of a delta are over."""
    if delta.start is None or delta.end is None:
        return None
    return delta.start + (delta.end - delta.start) * part / parts


def _by_likeness(tokens: Sequence[str], deltas: Iterable[Delta]) -> list[Span | None]:
    """Each token's span where the deltas have the same word in the same order, else None."""
    heard = [part for delta in deltas for part in _parts(delta)]
    spans: list[Span | None] = [None] * len(tokens)
    matcher = _matcher([told for told, _ in heard], [key(token) for token in tokens])
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            spans[block.b + offset] = heard[block.a + offset][1]
    return spans


def _parts(delta: Delta) -> Iterator[tuple[str, Span | None]]:
    """The words of a delta, as equal shares of its time."""
    tokens = tokenise(delta.text)
    for index, token in enumerate(tokens):
        start, end = (_moment(delta, part, len(tokens)) for part in (index, index + 1))
        yield key(token), None if start is None or end is None else (start, end)


def _matcher(one: Sequence[str], other: Sequence[str]) -> SequenceMatcher[str]:
    """Matching what repeats itself endlessly would take minutes: there, frequent words are junk."""
    endless = len(other) > _ENDLESS * len(set(other))
    return SequenceMatcher(None, one, other, autojunk=endless)


def _filled(tokens: Sequence[str], spans: Sequence[Span | None], duration: float) -> Iterator[Span]:
    """``spans`` with those that are missing spread evenly over the gaps they are in."""
    index, before = 0, 0.0
    while index < len(spans):
        span = spans[index]
        if span:
            before = span[1]
            yield span
            index += 1
            continue
        end = next((i for i in range(index, len(spans)) if spans[i]), len(spans))
        following = spans[end] if end < len(spans) else None
        after = max(before, following[0] if following else duration)
        yield from _spread(tokens[index:end], before, after)
        index = end


def _spread(tokens: Sequence[str], start: float, end: float) -> Iterator[Span]:
    total, passed = sum(map(len, tokens)), 0
    for token in tokens:
        first, passed = passed, passed + len(token)
        yield (
            start + (end - start) * first / total,
            start + (end - start) * passed / total,
        )


def _in_order(tokens: Sequence[str], spans: Iterable[Span], duration: float) -> Iterator[Word]:
    latest = 0.0
    for token, (start, end) in zip(tokens, spans, strict=True):
        start = min(max(start, latest), duration)
        yield Word(token, start, min(max(end, start), duration))
        latest = start
