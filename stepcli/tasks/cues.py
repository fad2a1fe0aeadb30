"""Words gathered into cues that can be read: of a sentence or a part of one, and of two lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest

from stepcli.tasks.subtitles import Cue
from stepcli.tasks.words import Word, tokenise

LONGEST = 7.0
"""Seconds that a cue is shown at most."""
_PAUSE = 0.8
_SHORTEST = 0.1
_NARROW, _WIDE = 10, 21
_LINE = 420
"""The width of a line: 42 Latin characters or 20 Chinese ones."""
_SENTENCE_END = re.compile(r"[.!?。！？…]+[\"'”’)\]」』）》]*\s*$")
_CLAUSE_END = re.compile(r"[,;:，；：、—–][\"'”’)\]」』）》]*\s*$")
_ABBREVIATION = re.compile(r"^\W*(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|vs|etc|No|e\.g|i\.e)\.$")


def cues(words: Iterable[Word]) -> list[Cue]:
    """The cues of ``words``, in order, none overlapping; together they have all of the text.

    A cue ends with a sentence, before a pause, and before it would be longer than LONGEST or wider
    than two lines: then after its last clause if that is not far back.
    """
    slim = (part for word in words for part in _slim(word))
    return list(_apart([_cue(group) for group in _groups(slim)]))


def lines(text: str) -> list[str]:
    """A cue's text in one line, or in two that are as equal as they can be."""
    tokens = [part for token in tokenise(text) for part in _chunks(token)]
    place = _break(tokens) or len(tokens)
    return ["".join(part).strip() for part in (tokens[:place], tokens[place:]) if part]


def _groups(words: Iterable[Word]) -> Iterator[list[Word]]:
    group: list[Word] = []
    for word in words:
        if group and word.start - group[-1].end >= _PAUSE:
            yield group
            group = []
        while group and not _fits([*group, word]):
            size = _last_clause(group)
            yield group[:size]
            group = group[size:]
        group.append(word)
        if _ends_sentence(word.text):
            yield group
            group = []
    if group:
        yield group


def _fits(group: Sequence[Word]) -> bool:
    seconds = group[-1].end - group[0].start
    return seconds <= LONGEST and _break([word.text for word in group]) is not None


def _break(tokens: Sequence[str]) -> int | None:
    """Before which token the second line begins, 0 for none, None where two lines do not do."""
    if _line(tokens) <= _LINE:
        return 0
    places = range(1, len(tokens))
    wider, place = min(
        ((max(_line(tokens[:place]), _line(tokens[place:])), place) for place in places),
        default=(_LINE + 1, 0),
    )
    return place if wider <= _LINE else None


def _line(tokens: Sequence[str]) -> int:
    """The width of a line of ``tokens``, which begins without white space."""
    return _width(tokens[0].lstrip()) + sum(map(_width, tokens[1:]))


@lru_cache(4096)
def _width(token: str) -> int:
    return sum(
        _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW for character in token
    )


def _last_clause(group: Sequence[Word]) -> int:
    """How many words its clauses take, if they are half of ``group`` or more; else all."""
    ends = (size for size in range(len(group), 0, -1) if _CLAUSE_END.search(group[size - 1].text))
    size = next(ends, 0)
    return size if 2 * size >= len(group) else len(group)


def _ends_sentence(token: str) -> bool:
    return bool(_SENTENCE_END.search(token)) and not _ABBREVIATION.match(token.strip())


def _slim(word: Word) -> Iterator[Word]:
    """``word`` in parts no wider than a line and no longer than a cue."""
    parts = _chunks(word.text)
    step = (min(word.end, word.start + LONGEST) - word.start) / len(parts)
    for index, part in enumerate(parts):
        yield Word(part, word.start + index * step, word.start + (index + 1) * step)


def _chunks(token: str) -> list[str]:
    """``token``, cut where it would be wider than a line."""
    if _width(token) <= _LINE:
        return [token]
    word = token.lstrip()
    chunks = [token[: len(token) - len(word)]]
    width = 0
    for character in word:
        width += _width(character)
        if width > _LINE:
            chunks.append("")
            width = _width(character)
        chunks[-1] += character
    return chunks


def _cue(group: Sequence[Word]) -> Cue:
    text = "".join(word.text for word in group)
    return Cue(group[0].start, group[-1].end, " ".join(text.split()))


def _apart(cues: Sequence[Cue]) -> Iterator[Cue]:
    """``cues`` changed as little as makes each last a moment and end before the next begins."""
    latest = 0.0
    for cue, following in zip_longest(cues, cues[1:]):
        start = max(cue.start, latest)
        end = min(cue.end, start + LONGEST, following.start if following else cue.end)
        latest = max(end, start + _SHORTEST)
        yield Cue(start, latest, cue.text)
