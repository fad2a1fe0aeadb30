"""Text broken into cues of at most two lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, repeat, takewhile

from stepcli.text.boundaries import Boundary, Rank, boundaries
from stepcli.text.chunking import best
from stepcli.text.graphemes import clusters
from stepcli.text.scripts import CJK, has_cjk, is_wide

# A line holds 42 Latin or 20 Chinese characters, so a Chinese one is as wide as 2.1 Latin ones, and
# a line that mixes them keeps to both measures. Widths are in tenths of a Latin character.
_LINE = 420
_NARROW, _WIDE = 10, 21
_LONGEST_TOKEN = _LINE // _WIDE

_UNEVEN = {Rank.FORCED: 2 * _LINE, Rank.GRAPHEME: _LINE // 2, Rank.WORD: _LINE // 4}
"""By how much less even two lines may be for a better break than one of that rank."""

_CJK_PAIR = re.compile(rf"(?=.?[{CJK}])[{CJK}‘’“”—…·]{{2}}")
_SPACES = re.compile(r"\s+")
_LINE_BREAK = re.compile(r"[\r\n]")


def cue_texts(text: str) -> list[str]:
    """Return ``text`` as cues of one line, or of two separated by a line break.

    A line has at most 42 Latin or 20 Chinese characters, or a mixture that satisfies both limits.
    Cues end at sentences, otherwise at clauses, words or characters; a sentence that needs two cues
    is halved. Only white space is removed or added, and none is added to Chinese.
    """
    page = _Page(_tidy(text))
    cues, start = [], 0
    while start < len(page.text):
        end = page.cue_end(start)
        cues.append("\n".join(page.lines(start, end)))
        start = end
    return cues


def _tidy(text: str) -> str:
    """Return ``text`` on one line, with one space for any white space."""
    return _SPACES.sub(_space, text.strip())


def _space(found: re.Match[str]) -> str:
    """Return a space, or nothing for a line break in Chinese."""
    around = found.string[found.start() - 1] + found.string[found.end()]
    joined = _CJK_PAIR.match(around) and _LINE_BREAK.search(found.group())
    return "" if joined else " "


class _Page:
    """Text on one line, the places where it may be broken, and the widths of its characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places = [*boundaries(text, _LONGEST_TOKEN), Boundary(len(text), Rank.PARAGRAPH)]
        self._edges = [0, *accumulate(_widths(text))]

    def cue_end(self, start: int) -> int:
        """Return the end of the cue from ``start``."""
        reach = self._line_end(self._line_end(start))
        if reach == len(self.text):
            return reach
        places = self._between(start, reach)
        return best(places, start, reach - start, Rank.SENTENCE) or self._part(start, places)

    def _part(self, start: int, places: list[Boundary]) -> int:
        """Return the end of a cue that cannot hold its sentence; the rest is not too short."""
        reach = places[-1].position
        end = self._sentence_end(start, reach)
        wished = self._width(start, end) * 0.6
        places = [place for place in places if self._width(start, place.position) <= wished]
        return best(places, start, reach - start, Rank.FORCED) or reach

    def _sentence_end(self, start: int, reach: int) -> int:
        """Return the end of the sentence, or where it fills a second cue."""
        for place in self._after(reach):
            if place.rank >= Rank.SENTENCE or self._width(start, place.position) > 4 * _LINE:
                return place.position
        return len(self.text)

    def lines(self, start: int, end: int) -> list[str]:
        """Return the one or two lines of a cue."""
        if self._width(start, end) <= _LINE:
            return [self.text[start:end].strip()]
        places = (place for place in self._between(start, end - 1) if self._fits(start, place, end))
        middle = min(places, key=lambda place: self._unevenness(start, place, end)).position
        return [self.text[start:middle].strip(), self.text[middle:end].strip()]

    def _fits(self, start: int, place: Boundary, end: int) -> bool:
        halves = self._width(start, place.position), self._width(place.position, end)
        return max(halves) <= _LINE

    def _unevenness(self, start: int, place: Boundary, end: int) -> int:
        first, second = self._width(start, place.position), self._width(place.position, end)
        return abs(first - second) + _UNEVEN.get(place.rank, 0)

    def _line_end(self, start: int) -> int:
        """Return the last possible end of a line from ``start``: after a word if one fits."""
        fitting = list(takewhile(lambda place: self._ends_line(start, place), self._after(start)))
        good = [place for place in fitting if place.rank > Rank.FORCED]
        return (good or fitting)[-1].position if fitting else start

    def _ends_line(self, start: int, place: Boundary) -> bool:
        return self._width(start, place.position) <= _LINE

    def _between(self, start: int, end: int) -> list[Boundary]:
        return list(takewhile(lambda place: place.position <= end, self._after(start)))

    def _after(self, position: int) -> Iterator[Boundary]:
        first = bisect_right(self._places, (position, Rank.PARAGRAPH))
        return map(self._places.__getitem__, range(first, len(self._places)))

    def _width(self, start: int, end: int) -> int:
        """Return the width of a line of these characters, without trailing white space."""
        if start < end and self.text[end - 1] == " ":
            end -= 1
        return self._edges[end] - self._edges[start]


def _widths(text: str) -> Iterator[int]:
    """Return the width of each character; a cluster counts as its first character.

    Punctuation that Chinese shares with other scripts is as wide as the text around it.
    """
    in_cjk = has_cjk(text)
    for cluster in clusters(text):
        yield _WIDE if is_wide(cluster[0], in_cjk=in_cjk) else _NARROW
        yield from repeat(0, len(cluster) - 1)
