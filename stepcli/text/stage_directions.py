"""Text as the service takes it: parentheses that are to be spoken, and how characters count."""

from __future__ import annotations

import re
from collections import Counter
from unicodedata import category, east_asian_width

_OPENING, _CLOSING = "(（", ")）"
_WIDE_PAUSES = "，、､；：…‥。｡।؟？！،؛"
_PAUSES = ",;:." + _WIDE_PAUSES + "?!"
_DASHES = frozenset("-‐‑–—―")

# A run of parentheses with the white space around and between them, and the pause on either side.
# A pause of one half-width mark is none within a word: .NET
_PARENTHESES = re.compile(
    rf"(?P<before>[{_PAUSES}])?+ (?<!\s) (?P<run>\s*+[()（）][()（）\s]*+)"
    rf"(?P<after>[{_WIDE_PAUSES}] | [,;:.?!](?!\w) )?+",
    re.VERBOSE,
)
DIRECTION = re.compile(r"[(（][^()（）]{0,1000}[)）]")
_PLURAL = re.compile(r"(?<=[A-Za-z])\((e?s)\)", re.IGNORECASE)
_KANA = re.compile(r"[\u3040-\u30ff]")
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]")


def literal(text: str) -> str:
    """``text`` with no parentheses left: what sets an aside off when it is spoken stands instead.

    The service obeys what is in parentheses and does not speak it (protocol.md §3). Text without
    them comes back as it is.
    """
    return _PARENTHESES.sub(_spoken, _PLURAL.sub(r"\1", text))


def _spoken(found: re.Match[str]) -> str:
    """What stands for parentheses and the pauses beside them: one pause, or none."""
    before, after = found["before"] or "", found["after"] or ""
    if before and after:
        return max(before, after, key=_PAUSES.index)
    blank, following = _blank(found["run"]), found.string[found.end() : found.end() + 1]
    if after or _ends(following, blank):
        return before + after
    if before:
        return before + (blank or ("" if _CHINESE.match(before) else " "))
    return _between(found, blank, following)


def _between(found: re.Match[str], blank: str, following: str) -> str:
    """What stands for parentheses with no pause beside them: a comma where it parts words."""
    last = found.string[found.start() - 1 : found.start()]
    if _begins(last, found["run"]):
        return ""
    if "\n" in blank or _is_empty(found["run"]) or last in _PAUSES:
        return blank
    if last in _DASHES or following in _DASHES:
        return blank
    return _comma(last + following) if blank or _parts(last, following) else ""


def _blank(run: str) -> str:
    """The white space of a run: its line breaks, or one space, or nothing."""
    spaces = run.translate(dict.fromkeys(map(ord, _OPENING + _CLOSING)))
    return "".join(re.findall(r"[\r\n]", spaces)) or spaces[:1]


def _begins(last: str, run: str) -> bool:
    """Whether nothing was said before the run that could be parted from what follows."""
    return not last or category(last) in ("Ps", "Pi") or (last == '"' and not run[0].isspace())


def _ends(following: str, blank: str) -> bool:
    """Whether the run stands before the end or what closes a quotation."""
    if not following or category(following) in ("Pe", "Pf"):
        return True
    return following == '"' and not blank


def _is_empty(run: str) -> bool:
    """Whether every parenthesis of the run is closed again in it."""
    opened = 0
    for character in run:
        opened += (character in _OPENING) - (character in _CLOSING)
        if opened < 0:
            return False
    return opened == 0


def _parts(last: str, following: str) -> bool:
    """Whether the run stands between words, not among the signs of a formula."""
    ends = last.isalnum() or last in '%"' or category(last) in ("Mn", "Mc", "Pe", "Pf")
    return ends and (following.isalnum() or following == '"' or category(following) in ("Pi", "Ps"))


def _comma(around: str) -> str:
    if _KANA.search(around):
        return "、"
    return "，" if _CHINESE.search(around) else ", "


def billed_characters(text: str) -> float:
    """How many characters the service charges for (protocol.md §7).

    A Chinese character is 1, two Latin letters are 1, two punctuation marks are 1. Kana and hangul
    are taken for Chinese, all else, digits and white space among it, for Latin, so that the
    estimate is rather too high. Directions are sent and so they count.
    """
    return sum(_weight(character) * count for character, count in Counter(text).items())


def _weight(character: str) -> float:
    return 1.0 if east_asian_width(character) == "W" and character.isalnum() else 0.5
