"""Scripts and widths of characters: the only table of them.

The ranges are for the inside of a character class of `re`.
"""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

KANA = r"\u3040-\u30ff"
HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
CJK = r"\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
"""Han, kana, radicals, their punctuation, and full-width forms."""
SOUTHEAST_ASIAN = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese and Khmer."""

_KANA = f"[{KANA}]"
_CJK = f"[{CJK}]"
_UNSPACED = f"[{CJK}{SOUTHEAST_ASIAN}]"
# Compiled when they are used, because that takes 3 ms and every command imports this module.


def has_kana(text: str) -> bool:
    """Return whether `text` is Japanese."""
    return re.search(_KANA, text) is not None


def has_cjk(text: str) -> bool:
    """Return whether `text` has Chinese or Japanese characters or punctuation."""
    return re.search(_CJK, text) is not None


def is_cjk(character: str) -> bool:
    """Return whether `character` is Chinese or Japanese, a letter or a punctuation mark."""
    return re.match(_CJK, character) is not None


def is_unspaced(character: str) -> bool:
    """Return whether `character` is of a script that has no spaces between words."""
    return re.match(_UNSPACED, character) is not None


def is_wide(character: str, *, in_cjk: bool = False) -> bool:
    """Return whether `character` takes two columns; marks shared by scripts do `in_cjk` text."""
    return east_asian_width(character) in ("WFA" if in_cjk else "WF")


def columns(text: str) -> int:
    """Return the number of terminal columns that `text` occupies."""
    return sum(0 if combining(one) else 1 + is_wide(one) for one in text)


def cut(text: str, width: int) -> str:
    """Return the beginning of ``text`` that fits ``width`` columns."""
    if columns(text) <= width:
        return text
    end = len(text)
    while end and columns(text[:end]) >= width:
        end -= 1
    return f"{text[:end]}…"


def folded(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns, broken at spaces where possible."""
    lines: list[str] = []
    while columns(text) > width:
        end = len(cut(text, width + 1)) - 1 or 1
        space = text.rfind(" ", 0, end + 1)
        line, text = (text[:end], text[end:]) if space <= 0 else (text[:space], text[space + 1 :])
        lines.append(line)
    return [*lines, text]
