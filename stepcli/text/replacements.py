"""Replacement of whole words in text, for `--replace A=B` and the table `[replace]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from stepcli.errors import UsageError
from stepcli.text.characters import is_unspaced

_CLOSING = ".,;:!?…%)]}’”»。，、；：？！）」』"
"""Marks that follow a word without a space."""


class Replacements:
    """Replaces the keys of `table` with their values where they are whole words or phrases.

    A key without capitals matches in any case, and a value without capitals then takes a capital
    first letter from what it replaces; a key with capitals matches only as written. Any white space
    may separate the words of a phrase. The longest of several keys is used, and values are not
    searched again.

    White space is removed before a value that is empty or begins with a closing mark or a line
    break, and after a value that ends with a line break.
    """

    def __init__(self, table: Mapping[str, str] = {}) -> None:
        self._pairs = sorted(table.items(), key=lambda pair: len(pair[0]), reverse=True)
        patterns = (f"({_pattern(key)})" for key, _ in self._pairs)
        self._pattern = re.compile("|".join(patterns)) if table else None

    @classmethod
    def parse(cls, pairs: Iterable[str], table: Mapping[str, str] = {}) -> Replacements:
        """Return the replacements of `table` and `pairs` (`A=B`), of which `pairs` take precedence.

        Raise UsageError for a pair without `=`, and for an empty A.
        """
        found = dict(table)
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if not equals:
                raise UsageError(f"--replace must be A=B, not {pair!r}")
            found[key] = value
        if not all(key.strip() for key in found):
            raise UsageError("--replace A=B requires a word or phrase A")
        return cls(found)

    def __call__(self, text: str) -> str:
        """Return `text` with all replacements."""
        if self._pattern is None:
            return text
        written, position = "", 0
        for match in self._pattern.finditer(text):
            value = self._value(match)
            written = _append(written, text[position : match.start()])
            written = (written.rstrip() if _follows_directly(value) else written) + value
            position = match.end()
        return _append(written, text[position:])

    def _value(self, match: re.Match[str]) -> str:
        key, value = self._pairs[(match.lastindex or 1) - 1]
        takes_case = key == key.lower() and value == value.lower()
        return value[:1].upper() + value[1:] if takes_case and match[0][0].isupper() else value


def _pattern(key: str) -> str:
    """Return a regular expression for `key` as a whole word; Chinese has no ends of words."""
    words = key.split()
    first, last = words[0][0], words[-1][-1]
    before = "" if is_unspaced(first) or not first.isalnum() else r"(?<!\w)"
    after = "" if is_unspaced(last) or not last.isalnum() else r"(?!\w)"
    phrase = r"\s+".join(map(re.escape, words))
    return f"{before}{phrase if key != key.lower() else f'(?i:{phrase})'}{after}"


def _append(written: str, text: str) -> str:
    return written + (text.lstrip() if written.endswith("\n") else text)


def _follows_directly(value: str) -> bool:
    return not value or value[0] in _CLOSING or value[0] == "\n"
