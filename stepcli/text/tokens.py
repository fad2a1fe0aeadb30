"""Text as a sequence of tokens: the smallest units that a cut should leave whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

import regex

from stepcli.text.graphemes import breaks


class Kind(StrEnum):
    """The kind of a token; each value names a group of the pattern below."""

    URL = "url"
    WORD = "word"
    HAN = "han"
    HIRAGANA = "hiragana"
    KATAKANA = "katakana"
    COMPLEX = "complex"
    SPACE = "space"
    LINE = "line"
    PARAGRAPH = "paragraph"
    OPEN = "open"
    CLOSE = "close"
    DIRECTION = "direction"
    OPENER = "opener"
    CLOSER = "closer"
    QUOTE = "quote"
    ELLIPSIS = "ellipsis"
    DOT = "dot"
    STOP = "stop"
    DASH = "dash"
    CLAUSE = "clause"
    SYMBOL = "symbol"


UNSPACED = frozenset({Kind.HAN, Kind.HIRAGANA, Kind.KATAKANA, Kind.COMPLEX})
SPOKEN = UNSPACED | {Kind.WORD, Kind.URL}
LINE_ENDS = frozenset({Kind.LINE, Kind.PARAGRAPH})
BLANK = LINE_ENDS | {Kind.SPACE}


class Token(NamedTuple):
    """The characters of a text from ``start`` up to, but not including, ``end``."""

    kind: Kind
    start: int
    end: int


# Characters that form one grapheme cluster, or one ligature, with the character before.
_MARK = r"[\p{M}\p{GCB=Extend}\p{GCB=SpacingMark}\u200c\u200d]"

# Scripts written without spaces; "complex" is Unicode's word for Thai, Lao, Khmer, Burmese, others.
_HAN = r"[\p{Han}\p{Bopomofo}]"
_KATAKANA = r"[\p{Katakana}ーｰ]"
_UNSPACED = rf"[{_HAN}\p{{Hiragana}}{_KATAKANA}\p{{LB=SA}}]"

# Characters that cannot start a line of Japanese, and Thai and Lao vowels around a consonant.
_SMALL_KANA = r"[ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶー々ゝゞヽヾ]"
_VOWEL_BEFORE = r"[เแโใไເແໂໃໄ]"
_VOWEL_AFTER = r"[ะาๅๆฯະາໆ]"

_LETTER = (
    rf"[[\p{{L}}\p{{N}}\p{{Pc}}]--{_UNSPACED}--[\p{{Extended_Pictographic}}\p{{GCB=Prepend}}]]"
)

# Characters inside a word between two letters (don't, p.m, and/or, me@example.com, 10 000 with a
# no-break space), and characters inside a number between two digits (1,000, 10:30, 3–4).
_JOINER = r"['’.\-‐‑·/\\&+@\u00ad\u00a0\u2007\u202f]"
_DIGIT_JOINER = r"[,:，：．–—~～〜−]"

# A run that may turn out not to match is bounded: without a bound, trying again at each of its
# characters takes quadratic time.
_SIGNS = 3
_LABEL = r"[A-Za-z0-9\-]{1,63}+"
_LABELS = 8

_WORD = rf"""
    (?: [\p{{Sc}}#№§±+\-−第]{{1,{_SIGNS}}}+ (?=\p{{Nd}}) )?    # signs before a number: -5, $5, 第5
    (?: [{_LETTER}{_MARK}]++
        (?: (?<=\p{{Nd}}) [%％‰°℃℉′″\p{{Sc}}]++ )?        # a sign after one: 50%, 20℃, 5€
        (?: {_JOINER} (?={_LETTER})
          | (?<=\p{{Nd}}) {_DIGIT_JOINER} (?=\p{{Nd}}) )?
    )++
    (?: (?<=\p{{Nd}}) (?={_HAN}) \X )?                    # what is counted: 2026年, 3个
"""

# A URL does not end with the punctuation of the sentence around it, has only balanced parentheses,
# and goes on in an unspaced script only where a path or a value begins.
_URL = rf"""
    (?: [A-Za-z] [A-Za-z0-9+.\-]{{1,20}}+ :// | mailto: | www\.
      | (?<![A-Za-z0-9\-]) (?: {_LABEL} \. ){{1,{_LABELS}}}+ [A-Za-z]{{1,63}}+ (?=/) )
    (?: [{_LETTER}{_MARK}/#$%&*+=@~\-]++
      | [!',.:;?]++ (?=[{_LETTER}/#$%&*+=@~\-])
      | (?<=[/=#&_\-]) {_UNSPACED}++
      | \( [^\s()]*+ \) )++
"""

_BLANK = r"[\s--[\n\v\f\r\x85\u2028\u2029]]"
_DOT = r"[.․﹒．]"
_STOP = rf"[\p{{Sentence_Terminal}}--{_DOT}--\p{{Extended_Pictographic}}]"
_DASH = r"[–—―⸺⸻]"
_CLAUSE = rf"[[\p{{Terminal_Punctuation}}\p{{SB=SContinue}}]--{_STOP}--{_DOT}--\p{{Dash}}]"

_TOKEN = regex.compile(
    rf"""
    (?: (?P<paragraph> {_BLANK}*+ \R {_BLANK}*+ \R \s*+ )
      | (?P<line>     {_BLANK}*+ \R {_BLANK}*+ )
      | (?P<space>    {_BLANK}++ )
      | (?P<han>      (?={_HAN}) (?!第\p{{Nd}}) \X (?: (?={_SMALL_KANA}) \X )*+ )
      | (?P<hiragana> (?=\p{{Hiragana}}) \X (?: (?={_SMALL_KANA}) \X )*+ )
      | (?P<url>      {_URL} )
      | (?P<word>     {_WORD} )
      | (?P<katakana> [{_KATAKANA}{_MARK}]++ (?: ・ [{_KATAKANA}{_MARK}]++ )*+ )
      | (?P<complex>  {_VOWEL_BEFORE}{{0,2}}+ (?=\p{{LB=SA}}) \X (?: (?={_VOWEL_AFTER}) \X )*+
                    | {_VOWEL_BEFORE} )
      | (?P<open>     [(（] )
      | (?P<close>    [)）] )
      | (?P<quote>    [\p{{LB=QU}}＂＇] )
      | (?P<opener>   [\p{{Ps}}¿¡] )
      | (?P<closer>   \p{{Pe}} )
      | (?P<ellipsis> \.{{2,}}+ | […⋯‥]++ | 。{{2,}}+ )
      | (?P<dot>      {_DOT} )
      | (?P<stop>     {_STOP}++ | (?=[‼⁉]) \X )
      | (?P<dash>     {_DASH}++ | -{{2,}}+ | (?<=\s) [\-−] (?=\s) )
      | (?P<clause>   {_CLAUSE}++ )
      | (?P<symbol>   (?P<one>[!-/:-@\[-`{{-~]) (?P=one)*+ | \X )
    ) {_MARK}*+
    """,
    regex.VERBOSE | regex.VERSION1,
)


def tokens(text: str, limit: int) -> Iterator[Token]:
    """Return the tokens of ``text``, in order; joined they are the text.

    No token is longer than ``limit``. Balanced parentheses and their contents are one token, a
    stage direction, if it is short enough; other parentheses are single characters. Any other token
    that is too long is split between graphemes, and a grapheme that is too long is split anywhere.
    """
    for token in _with_directions(_scan(text), limit):
        if token.end - token.start > limit:
            yield from _broken(text, token, limit)
        else:
            yield token


def _scan(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        assert found.lastgroup is not None
        yield Token(_KINDS[found.lastgroup], found.start(), found.end())


_KINDS = {kind.value: kind for kind in Kind}


def _with_directions(row: Iterable[Token], limit: int) -> Iterator[Token]:
    """Return ``row`` with balanced parentheses as one token, buffering at most ``limit``."""
    held: deque[Token] = deque()
    opened: deque[Token] = deque()
    for token in row:
        while opened and token.end - opened[0].start > limit:
            opened.popleft()
        if token.kind is Kind.CLOSE and opened:
            token = _close(held, opened.pop(), token)
        elif token.kind is Kind.OPEN:
            opened.append(token)
        held.append(token)
        while held and (not opened or held[0].start < opened[0].start):
            yield held.popleft()
    yield from held


def _close(held: deque[Token], opening: Token, closing: Token) -> Token:
    """Return the direction from ``opening`` to ``closing`` after removing it from ``held``."""
    while held.pop() is not opening:
        pass
    return Token(Kind.DIRECTION, opening.start, closing.end)


def _broken(text: str, token: Token, limit: int) -> Iterator[Token]:
    """Return ``token`` as tokens of its kind, each as long as ``limit`` allows."""
    start = fitting = token.start
    for position in chain(breaks(text, token.start, token.end), [token.end]):
        while position - start > limit:
            cut = fitting if fitting > start else start + limit
            yield Token(token.kind, start, cut)
            start = cut
        fitting = position
    yield Token(token.kind, start, token.end)
