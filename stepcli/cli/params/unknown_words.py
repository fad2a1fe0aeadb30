"""Errors and hints for commands and options that do not exist."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

_SIMILAR = 0.75
_LONGEST_SHOWN = 60
_SPECIAL_IN_DOUBLE_QUOTES = set('"$`\\!')


def close_names(word: str, names: Iterable[str]) -> list[str]:
    """Return the ``names`` that ``word`` may be a misspelling or an abbreviation of, best first."""
    word = word.lstrip("-").lower()
    rated = ((_similarity(word, name.lstrip("-")), name) for name in names)
    return [name for rate, name in sorted(rated, reverse=True) if rate >= _SIMILAR]


def _similarity(word: str, name: str) -> float:
    if len(word) > 1 and name.startswith(word):
        return 1
    return SequenceMatcher(None, word, name).ratio()


def looks_like_text(words: Sequence[str], commands: Iterable[str]) -> bool:
    """Return whether the command line ``words`` begin with text to speak, not with a command."""
    first = words[0]
    if any(character.isspace() for character in first) or not first.isascii():
        return True
    return len(_text_of(words)) > 1 and not close_names(first, commands)


def speak_command(words: Sequence[str]) -> str:
    """Return the command that speaks the text at the beginning of ``words``."""
    text = " ".join(_text_of(words))
    if len(text) > _LONGEST_SHOWN or not text.isprintable():
        return "stepcli speak TEXT"
    quoted = shlex.quote(text) if _SPECIAL_IN_DOUBLE_QUOTES & set(text) else f'"{text}"'
    return f"stepcli speak {quoted}"


def _text_of(words: Sequence[str]) -> list[str]:
    """Return the words before the first option."""
    end = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    return list(words[:end])
