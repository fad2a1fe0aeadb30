"""What is done to text before it is spoken, and how its characters count."""

from __future__ import annotations

import re
import unicodedata

_EMPTY = re.compile(r"[(（]\s*[)）]")
_OPENING = re.compile(r"\s*[(（]\s*")
_CLOSING = re.compile(r"\s*[)）]")
_DOUBLED = re.compile(r"([,，])\s*(?=[,，.。!！?？;；:：])")
_AT_START = re.compile(r"(^|\n)\s*[,，]\s*")


def literal(text: str) -> str:
    """``text`` with its parentheses as commas, so that an aside is spoken, not obeyed."""
    text = _EMPTY.sub("", text)
    text = _OPENING.sub(lambda found: _comma(found[0]), text)
    text = _CLOSING.sub(lambda found: _comma(found[0]).rstrip(), text)
    return _AT_START.sub(r"\1", _DOUBLED.sub("", text))


def _comma(sign: str) -> str:
    return "，" if "（" in sign or "）" in sign else ", "


def billed_characters(text: str) -> int:
    """Characters as the service bills them (protocol.md §7), rounded up.

    Letters and digits of narrow scripts and all punctuation count half, everything else one;
    white space is not spoken and counts nothing.
    """
    halves = sum(_halves(character) for character in text if not character.isspace())
    return (halves + 1) // 2


def _halves(character: str) -> int:
    if unicodedata.category(character)[0] in "PS":
        return 1
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
