"""Where text may be cut, and how well each place suits.

The text is read as a row of atoms: words, numbers, URLs, ``(directions)``, runs of punctuation with
the white space after them. Boundaries lie only between atoms, so nothing that belongs together is
cut; what an atom is decides how good the boundary after it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

import regex


class Rank(IntEnum):
    """How good a place for a cut is, the worst first."""

    NEVER = 0
    INSIDE = 1
    """Between characters of a script without spaces, or of what should rather stay whole."""
    WORD = 2
    CLAUSE = 3
    SENTENCE = 4
    PARAGRAPH = 5
    END = 6


class Boundary(NamedTuple):
    """A place for a cut: before the character at ``position``."""

    position: int
    rank: Rank


_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{_UNSPACED}]]"
_CLOSERS = r"""[”’"'»›」』】》〉\]\})）]*"""
_TITLES = (
    r"Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Sen|Gov|Lt|Col|St|Mt|Jr|Sr|Inc|Ltd|Co|vs|etc|No|Nos|Vol|Fig|pp?"
)

_ATOMS = regex.compile(
    rf"""
      (?P<address>   (?: https?:// | www\. ) [^\s<>“”"，。！？、；：（）]* [^\s<>“”"，。！？、；：（）.,;:!?)']
                   | [\w.+-]{{1,64}}+ @ [\w-]+ (?: \. [\w-]+ )+ )
    | (?P<number>    [+−-]? [$€£¥]? \p{{Nd}}+ (?: [.,:/’'–-] \p{{Nd}}+ )* (?: \s? [%‰°℃℉] )? {_LETTER}* )
    | (?P<dotted>    (?: \b{_LETTER}\. ){{2,}} | \b(?: {_TITLES} )\. (?= \s ) )
    | (?P<ending>    [.…‥!?‼⁇⁈⁉؟۔।॥։。！？｡]+ {_CLOSERS} \s* )
    | (?P<pause>     [,;:،؛，；：、—–]+ {_CLOSERS} \s* )
    | (?P<opener>    [“‘«‹「『【《〈\[\{{(（] | (?<! \S ) ["'] )
    | (?P<closer>    [”’»›」』】》〉\]\}})）"]+ )
    | (?P<blank>     \s+ )
    | (?P<word>      {_LETTER}+ (?: ['’‐-] {_LETTER}+ )* )
    | (?P<other>     \X )
    """,
    regex.VERBOSE | regex.VERSION1,
)
_FULL_STOP = regex.compile(r"[؟۔।॥։。！？｡]")
_ELLIPSIS = regex.compile(r"\.{2,}|[…‥]")
_WIDE_PAUSE = regex.compile(r"[，；：、—]")
_BLANK_LINE = regex.compile(r"\n\s*\n")
_CONTINUES = regex.compile(r"[\p{Grapheme_Extend}\p{M}\u200d]")
_REACHES_ON = regex.compile(r"[\u200d\p{GCB=Prepend}]")

_SPACE = regex.compile(r"\s*")
_LONGEST_DIRECTION = 1000
_PAIRS = {")": "(", "）": "（"}


class _Atom(NamedTuple):
    kind: str
    start: int
    end: int


def boundaries(text: str) -> Iterator[Boundary]:
    """Every place where ``text`` may be cut, in order; the last is its end. Takes linear time."""
    previous: _Atom | None = None
    for atom in _atoms(text):
        if previous is not None:
            rank = _between(previous, atom, text)
            if rank is not Rank.NEVER:
                yield Boundary(atom.start, rank)
        previous = atom
    if text:
        yield Boundary(len(text), Rank.END)


def _atoms(text: str) -> Iterator[_Atom]:
    directions, start = _directions(text), 0
    while start < len(text):
        end = directions.get(start, 0)
        if 0 < end - start <= _LONGEST_DIRECTION:
            space = _SPACE.match(text, end)
            atom = _Atom("direction", start, space.end() if space else end)
        else:
            found = _ATOMS.match(text, start)
            assert found is not None
            atom = _Atom(found.lastgroup or "other", start, found.end())
        yield atom
        start = atom.end


def _directions(text: str) -> dict[int, int]:
    """Where each parenthesis that is closed again begins, and where it ends."""
    ends: dict[int, int] = {}
    unclosed: list[int] = []
    for found in _PARENTHESIS.finditer(text):
        sign, place = found.group(), found.start()
        if sign not in _PAIRS:
            unclosed.append(place)
        elif unclosed and text[unclosed[-1]] == _PAIRS[sign]:
            ends[unclosed.pop()] = place + 1
    return ends


_PARENTHESIS = regex.compile(r"[()（）]")
_HOLDS_ON = {"direction", "opener"}
_CLINGS = {"ending", "pause", "closer", "blank"}


def _between(left: _Atom, right: _Atom, text: str) -> Rank:
    if left.kind in _HOLDS_ON or right.kind in _CLINGS:
        return Rank.NEVER
    if _CONTINUES.match(text, right.start) or _REACHES_ON.match(text, right.start - 1):
        return Rank.NEVER
    return _after(left.kind, text[left.start : left.end])


def _after(kind: str, said: str) -> Rank:
    spaced = said[-1:].isspace()
    if spaced and "\n" in said:
        return Rank.PARAGRAPH if _BLANK_LINE.search(said) else Rank.SENTENCE
    match kind:
        case "ending":
            return _after_ending(said, spaced)
        case "pause":
            return Rank.CLAUSE if spaced or _WIDE_PAUSE.search(said) else Rank.INSIDE
        case "blank":
            return Rank.WORD
    return Rank.INSIDE


def _after_ending(said: str, spaced: bool) -> Rank:
    if _FULL_STOP.search(said):
        return Rank.SENTENCE
    if not spaced:
        return Rank.INSIDE
    return Rank.CLAUSE if _ELLIPSIS.match(said) else Rank.SENTENCE


def graphemes(text: str) -> list[str]:
    """The characters as a reader sees them: grapheme clusters."""
    found: list[str] = regex.findall(r"\X", text)
    return found
