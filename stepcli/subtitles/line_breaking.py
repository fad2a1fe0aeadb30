"""Text broken into cues of a few short lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, repeat, takewhile

from stepcli.subtitles.formats import DEFAULT_STYLE, CueStyle
from stepcli.text.boundaries import Boundary, Rank, boundaries
from stepcli.text.characters import CJK, has_cjk, is_wide
from stepcli.text.chunking import best
from stepcli.text.graphemes import clusters

# Widths are in tenths of a Latin character. A line of 42 Latin characters holds 20 Chinese ones.
_NARROW, _WIDE = 10, 21

_UNEVEN = {Rank.FORCED: 2.0, Rank.GRAPHEME: 0.5, Rank.WORD: 0.25}
"""By which share of a line less even lines may be for a better break than one of that rank."""

_CJK_PAIR = re.compile(rf"(?=.?[{CJK}])[{CJK}‘’“”—…·]{{2}}")
_SPACES = re.compile(r"\s+")
_LINE_BREAK = re.compile(r"[\r\n]")


def cue_texts(text: str, style: CueStyle = DEFAULT_STYLE) -> list[str]:
    """Return ``text`` as cues, whose lines are separated by line breaks, within the limits.

    Cues end at sentences, otherwise at clauses, words or characters; a sentence that needs two cues
    is halved. The lines of a cue have about the same width. Only white space is removed or added,
    and none is added to Chinese.
    """
    page = _Page(_tidy(text), style)
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

    def __init__(self, text: str, style: CueStyle) -> None:
        self.text = text
        self._line = _NARROW * style.line_width
        self._lines = style.lines
        longest_token = self._line // _WIDE
        self._places = [*boundaries(text, longest_token), Boundary(len(text), Rank.PARAGRAPH)]
        self._edges = [0, *accumulate(_widths(text))]

    def cue_end(self, start: int) -> int:
        """Return the end of the cue from ``start``."""
        reach = start
        for _ in range(self._lines):
            reach = self._line_end(reach)
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
            is_long = self._width(start, place.position) > 2 * self._lines * self._line
            if place.rank >= Rank.SENTENCE or is_long:
                return place.position
        return len(self.text)

    def lines(self, start: int, end: int) -> list[str]:
        """Return the lines of a cue: as few as hold it, and about equal."""
        lines = []
        for following in range(self._count(start, end) - 1, 0, -1):
            middle = self._break(start, end, following)
            lines.append(self.text[start:middle].strip())
            start = middle
        return [*lines, self.text[start:end].strip()]

    def _count(self, start: int, end: int) -> int:
        """Return the number of lines that hold these characters."""
        count = 1
        while self._width(start, end) > self._line:
            start = self._line_end(start)
            count += 1
        return count

    def _break(self, start: int, end: int, following: int) -> int:
        """Return the best end of the line from ``start``, before ``following`` other lines."""
        places = takewhile(
            lambda place: self._ends_line(start, place), self._between(start, end - 1)
        )
        fitting = (place for place in places if self._count(place.position, end) <= following)
        return min(
            fitting, key=lambda place: self._unevenness(start, place, end, following)
        ).position

    def _unevenness(self, start: int, place: Boundary, end: int, following: int) -> float:
        first, rest = self._width(start, place.position), self._width(place.position, end)
        return abs(following * first - rest) + self._line * _UNEVEN.get(place.rank, 0)

    def _line_end(self, start: int) -> int:
        """Return the last possible end of a line from ``start``: after a word if one fits."""
        fitting = list(takewhile(lambda place: self._ends_line(start, place), self._after(start)))
        good = [place for place in fitting if place.rank > Rank.FORCED]
        return (good or fitting)[-1].position if fitting else start

    def _ends_line(self, start: int, place: Boundary) -> bool:
        return self._width(start, place.position) <= self._line

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
