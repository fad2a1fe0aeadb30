"""Text as the service reads it: parentheses to be spoken, and billed characters."""

from __future__ import annotations

import re
from collections import Counter
from unicodedata import category

from stepcli.text.characters import has_cjk, has_kana, is_cjk, is_wide

_OPENING, _CLOSING = "(（", ")）"
_WIDE_PAUSES = "，、､；：…‥。｡।؟？！،؛"
_PAUSES = ",;:." + _WIDE_PAUSES + "?!"
_DASHES = frozenset("-‐‑–—―")

# A run of parentheses, the white space around and between them, and the pauses beside it.
# One half-width mark within a word is not a pause: .NET
_PARENTHESES = re.compile(
    rf"(?P<before>[{_PAUSES}])?+ (?<!\s) (?P<run>\s*+[()（）][()（）\s]*+)"
    rf"(?P<after>[{_WIDE_PAUSES}] | [,;:.?!](?!\w) )?+",
    re.VERBOSE,
)
DIRECTION = re.compile(r"[(（][^()（）]{0,1000}[)）]")
_DIRECTION_AND_BLANKS = re.compile(rf"(?<!\s)\s++{DIRECTION.pattern}|{DIRECTION.pattern}")
_PLURAL = re.compile(r"(?<=[A-Za-z])\((e?s)\)", re.IGNORECASE)


def literal(text: str) -> str:
    """Return ``text`` with its parentheses replaced by pauses, so that the service speaks it.

    The service follows text in parentheses and does not speak it (stepcli/api/PROTOCOL.md, section
    3). Text without parentheses is returned unchanged.
    """
    return _PARENTHESES.sub(_spoken, _PLURAL.sub(r"\1", text))


def _spoken(found: re.Match[str]) -> str:
    """Return the replacement for a run of parentheses and the pauses beside them."""
    before, after = found["before"] or "", found["after"] or ""
    if before and after:
        return max(before, after, key=_PAUSES.index)
    blank, following = _blank(found["run"]), found.string[found.end() : found.end() + 1]
    if after or _ends(following, blank):
        return before + after
    if before:
        return before + (blank or ("" if is_cjk(before) else " "))
    return _between(found, blank, following)


def _between(found: re.Match[str], blank: str, following: str) -> str:
    """Return the replacement for parentheses without pauses: a comma if they separate words."""
    last = found.string[found.start() - 1 : found.start()]
    if _begins(last, found["run"]):
        return ""
    if "\n" in blank or _is_empty(found["run"]) or last in _PAUSES:
        return blank
    if last in _DASHES or following in _DASHES:
        return blank
    return _comma(last + following) if blank or _parts(last, following) else ""


def _blank(run: str) -> str:
    """Return the white space of a run: its line breaks, or one space, or nothing."""
    spaces = run.translate(dict.fromkeys(map(ord, _OPENING + _CLOSING)))
    return "".join(re.findall(r"[\r\n]", spaces)) or spaces[:1]


def _begins(last: str, run: str) -> bool:
    """Return whether no text precedes the run that a pause could separate from what follows."""
    return not last or category(last) in ("Ps", "Pi") or (last == '"' and not run[0].isspace())


def _ends(following: str, blank: str) -> bool:
    """Return whether the run stands at the end of the text or before a closing quotation mark."""
    if not following or category(following) in ("Pe", "Pf"):
        return True
    return following == '"' and not blank


def _is_empty(run: str) -> bool:
    """Return whether every parenthesis of the run is closed again in it."""
    opened = 0
    for character in run:
        opened += (character in _OPENING) - (character in _CLOSING)
        if opened < 0:
            return False
    return opened == 0


def _parts(last: str, following: str) -> bool:
    """Return whether the run separates words, as opposed to the symbols of a formula."""
    ends = last.isalnum() or last in '%"' or category(last) in ("Mn", "Mc", "Pe", "Pf")
    return ends and (following.isalnum() or following == '"' or category(following) in ("Pi", "Ps"))


def _comma(around: str) -> str:
    if has_kana(around):
        return "、"
    return "，" if has_cjk(around) else ", "


def without_directions(text: str) -> str:
    """Return ``text`` without its stage directions and the white space before each."""
    return _DIRECTION_AND_BLANKS.sub("", text)


def billed_characters(text: str) -> float:
    """Return the number of characters that the service charges for (PROTOCOL.md, section 7).

    A Chinese character counts 1, two Latin letters 1, two punctuation marks 1. Kana and hangul are
    counted as Chinese and everything else as Latin, so that the estimate is rather too high. Stage
    directions are sent and count as well.
    """
    return sum(_weight(character) * count for character, count in Counter(text).items())


def _weight(character: str) -> float:
    return 1.0 if is_wide(character) and character.isalnum() else 0.5
