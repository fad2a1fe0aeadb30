"""Words with times: the final text aligned with the timed deltas it arrived in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Protocol

from stepcli.text.characters import HAN, KANA, is_cjk

_CHARACTERS = KANA + HAN
"""Scripts of which every character is a word."""
_OPENING = r"([{「『（《〈【〔“‘"
_TOKEN = (
    rf"\s*+(?:[{_OPENING}]*+[{_CHARACTERS}][^\w\s{_OPENING}]*+"
    rf"|(?:[^\s{_CHARACTERS}{_OPENING}]++|[{_OPENING}]++(?![{_CHARACTERS}]))++)"
)
"""A pattern that `re` compiles when it is used: that takes 2.5 ms, and `stream` imports it."""
_SILENT = re.compile(r"[\W_]+")
_ENDLESS = 50
"""The average number of occurrences of a word from which a text is very repetitive."""

Span = tuple[float, float]


class TimedText(Protocol):
    """A piece of text as it is recognized; ``start`` and ``end`` in seconds, None if unknown."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> float | None: ...
    @property
    def end(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or one Chinese character, with the white space before it; times in seconds.

    The words of a text, joined, are the text. The ``speaker`` is known where it has several.
    """

    text: str
    start: float
    end: float
    speaker: str | None = None


def words(text: str, deltas: Sequence[TimedText], duration: float) -> list[Word]:
    """Return the words of ``text``, timed by ``deltas``.

    Words that differ from the deltas, or whose deltas have no times, share the time between their
    neighbours in proportion to their length. Times never decrease and stay within ``duration``
    seconds.
    """
    tokens = tokenise(text)
    spans = _by_position(tokens, deltas) or _by_likeness(tokens, deltas)
    return list(_in_order(tokens, _filled(tokens, spans, duration), duration))


def tokenise(text: str) -> list[str]:
    """Return `text` cut before each word's white space; the last word also has what follows it."""
    visible = text.rstrip()
    tokens = re.findall(_TOKEN, visible)
    rest = text[len(visible) :]
    if tokens and rest:
        tokens[-1] += rest
    return tokens


def shift(sequence: Iterable[Word], seconds: float) -> list[Word]:
    """Return the words moved by an offset in seconds."""
    return [replace(one, start=one.start + seconds, end=one.end + seconds) for one in sequence]


def key(token: str) -> str:
    """Return the letters and digits of `token`, case-folded."""
    return _SILENT.sub("", token).casefold()


def _by_position(tokens: Sequence[str], deltas: Sequence[TimedText]) -> list[Span | None]:
    """Return the span of each token if the text is that of the deltas, else nothing.

    White space may differ. Only letters and digits take time: punctuation has no span of its own.
    """
    if _squeezed(tokens) != _squeezed(delta.text for delta in deltas):
        return []
    spoken = [delta for delta in deltas if key(delta.text)]
    edges = [0, *accumulate(len(key(delta.text)) for delta in spoken)]
    ends = list(accumulate(len(key(token)) for token in tokens))
    return [
        _between(spoken, edges, first, last) if first < last else None
        for first, last in zip([0, *ends], ends, strict=False)
    ]


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(text.split()) for text in texts)


def _between(
    deltas: Sequence[TimedText], edges: Sequence[int], first: int, last: int
) -> Span | None:
    """Return the time between two places in the letters of all deltas, which end at `edges`."""
    opening, closing = bisect_right(edges, first) - 1, bisect_left(edges, last) - 1
    start = _moment(deltas[opening], first - edges[opening], edges[opening + 1] - edges[opening])
    end = _moment(deltas[closing], last - edges[closing], edges[closing + 1] - edges[closing])
    return None if start is None or end is None else (start, end)


def _moment(delta: TimedText, part: int, parts: int) -> float | None:
    """Return the time after the given number of equal parts of a delta."""
    if delta.start is None or delta.end is None:
        return None
    return delta.start + (delta.end - delta.start) * part / parts


def _by_likeness(tokens: Sequence[str], deltas: Iterable[TimedText]) -> list[Span | None]:
    """Return the span of each token that the deltas have in the same order, else None."""
    parts = [part for delta in deltas for part in _parts(delta)]
    spans: list[Span | None] = [None] * len(tokens)
    matcher = _matcher([text for text, _ in parts], [key(token) for token in tokens])
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            spans[block.b + offset] = parts[block.a + offset][1]
    return spans


def _parts(delta: TimedText) -> Iterator[tuple[str, Span | None]]:
    """Yield the words of a delta, as equal shares of its time; punctuation takes none."""
    spoken = [word for token in tokenise(delta.text) if (word := key(token))]
    for index, word in enumerate(spoken):
        start, end = (_moment(delta, part, len(spoken)) for part in (index, index + 1))
        yield word, None if start is None or end is None else (start, end)


def _matcher(one: Sequence[str], other: Sequence[str]) -> SequenceMatcher[str]:
    """Return a matcher; in very repetitive text, frequent words are ignored to bound the time."""
    endless = len(other) > _ENDLESS * len(set(other))
    return SequenceMatcher(None, one, other, autojunk=endless)


def _filled(tokens: Sequence[str], spans: Sequence[Span | None], duration: float) -> Iterator[Span]:
    """Return ``spans`` with missing ones spread evenly over the gaps they are in."""
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


_APART = 1.0
"""The seconds by which two pieces may differ in the time of a word."""


def join(
    before: Sequence[Word], after: Sequence[Word], shared: Span
) -> tuple[Sequence[Word], Sequence[Word]]:
    """Return the words of two adjacent pieces so that they continue each other.

    Both pieces cover the ``shared`` seconds, which may be none. Within these, words are taken from
    ``before`` up to a word near the middle that both have, and from ``after`` beyond it; without
    such a word, up to the middle and beyond it. A piece without words leaves the other as it is.
    """
    if before and after and shared[0] < shared[1]:
        before, after = _once(before, after, shared)
    if before and after:
        first = replace(after[0], text=spaced(before[-1].text, after[0].text))
        after = [first, *after[1:]]
    return before, after


def _once(
    before: Sequence[Word], after: Sequence[Word], shared: Span
) -> tuple[Sequence[Word], Sequence[Word]]:
    middle = sum(shared) / 2
    first = next((i for i, word in enumerate(before) if word.end > shared[0]), len(before))
    last = next((i for i, word in enumerate(after) if word.start >= shared[1]), len(after))
    common = [(first + i, j) for i, j in _common(before[first:], after[:last])]
    if common:
        i, j = min(common, key=lambda pair: abs(_centre(before[pair[0]]) - middle))
        return before[: i + 1], after[j + 1 :]
    return (
        [word for word in before if _centre(word) < middle],
        [word for word in after if _centre(word) >= middle],
    )


def _common(one: Sequence[Word], other: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the pairs of words that both have at about the same time, in order."""
    matcher = SequenceMatcher(
        None, [key(word.text) for word in one], [key(word.text) for word in other], autojunk=False
    )
    pairs = [
        (block.a + offset, block.b + offset)
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    ]
    return [(i, j) for i, j in pairs if abs(one[i].start - other[j].start) <= _APART]


def _centre(word: Word) -> float:
    return (word.start + word.end) / 2


def spaced(before: str, after: str) -> str:
    """Return ``after`` with a leading space if ``before`` needs one; Chinese needs none."""
    if not before or before[-1].isspace() or after[:1].isspace():
        return after
    if is_cjk(before[-1]) and is_cjk(after):
        return after
    return f" {after}"
