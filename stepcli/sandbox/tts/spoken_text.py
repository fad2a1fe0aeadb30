"""Select the words of a text that are spoken, and the language of each passage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

_DIRECTION = re.compile(r"\([^()（）]*\)|（[^()（）]*）")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_PINYIN = re.compile(r"(?<![a-zA-Z])(?:[a-zü]{1,6}[1-5])+(?![a-zA-Z0-9])")


@dataclass(frozen=True)
class Passage:
    """A run of text in one language, by espeak-ng's name of the language."""

    language: str
    text: str


def spoken_passages(
    text: str,
    *,
    directions: bool = True,
    markdown: bool = False,
    pronunciations: Mapping[str, str] | None = None,
) -> list[Passage]:
    """Return the passages to speak, in order; an empty list if the text contains no word.

    ``directions`` removes text in parentheses, ``markdown`` strips Markdown, and each key of
    ``pronunciations`` is spoken as its value.
    """
    if markdown:
        text = strip_markdown(text)
    if directions:
        text = strip_directions(text)
    text = apply_pronunciations(text, pronunciations or {})
    text = _CONTROL.sub(" ", text)
    return _by_language(text) if re.search(r"[^\W_]", text) else []


def strip_directions(text: str) -> str:
    """Remove ``(…)`` and ``（…）``, including nested ones (PROTOCOL.md §3)."""
    while (shorter := _DIRECTION.sub("", text)) != text:
        text = shorter
    return text


def strip_markdown(text: str) -> str:
    """Return the words of a Markdown text, one line for each block."""
    blocks = (token for token in MarkdownIt().parse(text) if token.type in _TEXT_BLOCKS)
    return "\n".join(_block_text(block) for block in blocks)


_TEXT_BLOCKS = {"inline", "fence", "code_block"}


def _block_text(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.children is None:
        return token.content
    return "".join(map(_block_text, token.children))


def apply_pronunciations(text: str, pronunciations: Mapping[str, str]) -> str:
    """Replace every key by its value, longest key first; replacements are not replaced again."""
    if not pronunciations:
        return text
    longest_first = sorted(pronunciations, key=len, reverse=True)
    any_key = re.compile("|".join(map(re.escape, longest_first)))
    return any_key.sub(lambda match: pronunciations[match.group()], text)


def _by_language(text: str) -> list[Passage]:
    languages = _languages(text)
    runs = groupby(zip(text, languages, strict=True), key=lambda each: each[1])
    return [Passage(language, "".join(c for c, _ in run)) for language, run in runs]


def _languages(text: str) -> list[str]:
    """Return the language of each character; digits and punctuation follow what precedes them."""
    han = "ja" if _KANA.search(text) else "cmn"
    languages = [_language(character, han) for character in text]
    if _HAN.search(text):
        for syllables in _PINYIN.finditer(text):
            languages[slice(*syllables.span())] = ["cmn"] * len(syllables.group())
    current = next((language for language in languages if language), "en-us")
    return [current := language or current for language in languages]


def _language(character: str, han: str) -> str | None:
    if _HAN.match(character):
        return han
    if _KANA.match(character):
        return "ja"
    if _HANGUL.match(character):
        return "ko"
    return "en-us" if character.isalpha() else None
